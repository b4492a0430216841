import { expect, it, onTestFinished, vi } from 'vitest';
import { leaveProcess } from '../src/lifecycle/process-ties.js';

function stubbed() {
  const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never);
  const print = vi.spyOn(console, 'error').mockImplementation(() => {});
  onTestFinished(() => {
    exit.mockRestore();
    print.mockRestore();
  });
  return { exit, print };
}

it('leaves by the user’s own way alone, where that works', () => {
  const { exit, print } = stubbed();
  const own = vi.fn();
  leaveProcess(own, 0);
  expect(own).toHaveBeenCalledExactlyOnceWith(0);
  expect(exit).not.toHaveBeenCalled();
  expect(print).not.toHaveBeenCalled();
});

it('leaves with 1 by Node’s way where the user’s own throws, and shows what it threw', () => {
  const { exit, print } = stubbed();
  const error = new Error('on purpose');
  leaveProcess(() => {
    throw error;
  }, 0);
  expect(exit).toHaveBeenCalledExactlyOnceWith(1);
  expect(print).toHaveBeenCalledExactlyOnceWith(error);
});
