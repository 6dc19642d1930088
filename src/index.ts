export { Engine } from './autograd/engine.ts';
