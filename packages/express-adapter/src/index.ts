/// <reference types="node" preserve="true" />
export { createGraceful, type ExpressGraceful } from './create-graceful.js';
export * from '@graceful/core';
