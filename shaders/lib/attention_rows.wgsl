// Where an attention's numbers lie, for kernels with `params.tokens`, `params.heads` and QUADS, the vec4f of a head's row.

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

// Exponentials of less than this are 0, whatever a driver's exp makes of them.
fn decay(exponent: f32) -> f32 { return select(0.0, exp(max(exponent, -87.0)), exponent > -87.0); }
