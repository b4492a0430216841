/// <reference types="node" preserve="true" />
export { gracefulPlugin } from './plugin.js';
export * from '@graceful/core';
