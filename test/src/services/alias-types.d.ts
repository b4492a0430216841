// The alias has no types of its own, and what is used here is the same in both versions.
declare module 'express4' {
  import express from 'express';
  export default express;
}
