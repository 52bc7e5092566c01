// Runs in the page before anything else (see pageScript.ts). Adds an unpacked extension to the workbench's options.
(extension) => {
  const original = Element.prototype.getAttribute;
  Element.prototype.getAttribute = function getAttribute(name) {
    const value = original.call(this, name);
    if (name !== 'data-settings' || this.id !== 'vscode-workbench-web-configuration' || !value) return value;
    const settings = JSON.parse(value);
    const developmentOptions = { ...settings.developmentOptions, extensions: [extension] };
    return JSON.stringify({ ...settings, developmentOptions });
  };
};
