// Style sheets of one component: class names by name.
declare module '*.module.css' {
  const names: Record<string, string>;
  export default names;
}
