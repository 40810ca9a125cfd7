/** A style sheet as a string, for a shadow root; see `css-text` in build.mjs. */
declare module "*.css?text" {
  const css: string;
  export default css;
}
