declare module '@alexaltea/capstone-js' {
  /** The package's factory; it has no types of its own. */
  const MCapstone: import('./decode.ts').CapstoneFactory;

  export { MCapstone as default };
}
