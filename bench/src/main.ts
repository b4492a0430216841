// Each command is a module that runs when it is imported; one after the other, for they share the machine.
await import('./overhead/main.js');
await import('./drain/main.js');
