// What is used of the hub's library, loaded when a question is put to the hub.
export { listFiles, modelInfo } from '@huggingface/hub';
