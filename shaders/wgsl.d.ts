declare module '#shaders/*.wgsl' {
  const shader: import('../src/gpu/shader.ts').Shader;
  export default shader;
}
