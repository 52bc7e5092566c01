// Runs in the page (see pageScript.ts). The sections of the hover that is shown, or null.
() => {
  const widget = [...document.querySelectorAll('.monaco-hover:not(.hidden):not(.workbench-hover)')].find(
    (element) => element.querySelector('.hover-contents') && element.checkVisibility(),
  );
  if (!widget) return null;
  return [...widget.querySelectorAll('.hover-row:not(.status-bar) .hover-contents')]
    .filter((part) => !part.querySelector('.hover-contents'))
    .map((part) => part.innerText.replace(/\u00a0/g, ' ').trim())
    .filter(Boolean);
};
