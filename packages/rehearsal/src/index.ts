export * from './kubelet.js';
