// Counter-based random numbers: a value is a hash of what it is for, so that it can be drawn again anywhere, in any
// order, without state.

// pcg4d of Jarzynski and Olano, 'Hash Functions for GPU Rendering', JCGT 9(3), 2020.
fn pcg4d(key: vec4u) -> vec4u {
  var v = key * 1664525u + 1013904223u;
  v.x += v.y * v.w;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v.w += v.y * v.z;
  v ^= v >> vec4u(16u);
  v.x += v.y * v.w;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v.w += v.y * v.z;
  return v;
}

// Four numbers, uniform in [0, 1): the top 24 bits of each word, which f32 holds exactly.
fn uniform4(key: vec4u) -> vec4f {
  return vec4f(pcg4d(key) >> vec4u(8u)) * 0x1p-24;
}
