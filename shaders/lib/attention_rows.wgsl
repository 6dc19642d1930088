// Where an attention's numbers lie, for kernels with `params.tokens`, `params.heads`, `qkv` and QUADS, the vec4f of a head's row.

// Where a token's row of q, k (part 1) or v (part 2) begins.
fn row_of(image: u32, token: u32, part: u32, head: u32) -> u32 {
  return (((image * params.tokens + token) * 3u + part) * params.heads + head) * QUADS;
}

// The token, or the last one for those beyond it.
fn known_token(token: u32) -> u32 { return min(token, params.tokens - 1u); }

// Where its row of the result begins.
fn result_of(image: u32, token: u32, head: u32) -> u32 {
  return ((image * params.tokens + token) * params.heads + head) * QUADS;
}

// Four tokens from the first.
fn four_tokens(first: u32) -> vec4u { return min(first + vec4u(0u, 1u, 2u, 3u), vec4u(params.tokens - 1u)); }

// Where the rows of four tokens begin, as row_of and result_of.
fn rows_of(image: u32, tokens: vec4u, part: u32, head: u32) -> vec4u {
  return (((image * params.tokens + tokens) * 3u + part) * params.heads + head) * QUADS;
}
fn results_of(image: u32, tokens: vec4u, head: u32) -> vec4u {
  return ((image * params.tokens + tokens) * params.heads + head) * QUADS;
}

// Four channels of four tokens, by channel.
fn qkv_lines(at: vec4u) -> mat4x4f { return transpose(mat4x4f(qkv[at.x], qkv[at.y], qkv[at.z], qkv[at.w])); }

// Scores are taken in powers of two, of which a driver makes e's anyway. Beside the largest, whose weight is 1, less than
// 2^−126 is nothing, and what drivers make of smaller powers differs.
fn weight_of(exponent: f32) -> f32 { return exp2(max(exponent, -126.0)); }
fn weights_of(exponent: vec4f) -> vec4f { return exp2(max(exponent, vec4f(-126.0))); }
