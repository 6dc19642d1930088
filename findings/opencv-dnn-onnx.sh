#!/usr/bin/env bash
# OpenCV 4.6.0's dnn (Debian 12: python3-opencv 4.6.0+dfsg-12) reads ONNX files that are valid at any batch wrongly or not.
#
# Expected: the ONNX operators as their specification says, at opset 13, of graphs whose first dimension is left open by a
# name, as exporters write it for a batch of any size. ReduceL2 is in OpenCV's own list of ONNX layers that it supports.
# Seen: ReduceL2 (axes 1, keepdims) behind a Flatten is right for one image and refused for three, with a failed assertion
# of its reshape; on images it gives one dimension too many. With the batch written into the file both are right. Gather of
# several columns and Max with a constant, as `x[..., order]` and `clamp(min=…)` are written, are refused as the file is read.
# kindred: its exports take lengths of rows and mirror images by products of matrices (src/encoder/onnx_model.ts).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
shopt -s nullglob
mkdir -p debs/partial
# Debian's packages that are not here yet, unpacked in the folder and not installed.
apt-get install --download-only -y --no-install-recommends -o Dir::Cache::archives="$folder/debs" python3-opencv > /dev/null 2>&1
for package in debs/*.deb; do dpkg -x "$package" .; done
libraries="$folder/usr/lib/$(uname -m)-linux-gnu"
export PYTHONPATH="$folder/usr/lib/python3/dist-packages"
export LD_LIBRARY_PATH="$libraries:$libraries/blas:$libraries/lapack" OPENCV_LOG_LEVEL=SILENT
cat > shown.py <<'PY'
import sys
import numpy as np, cv2


def varint(n):
    out = b''
    while True:
        out += bytes([n & 127 | (128 if n > 127 else 0)])
        n >>= 7
        if not n:
            return out


def field(number, value):
    """A field of a protobuf message: a whole number, a text, or bytes."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def attribute(name, value):
    several = isinstance(value, list)
    numbers = b''.join(field(8, v) for v in value) if several else field(3, value)
    return field(5, field(1, name) + numbers + field(20, 7 if several else 2))


def node(op, inputs, **attributes):
    parts = [field(1, name) for name in inputs] + [field(2, op), field(3, op), field(4, op)]
    return field(1, b''.join(parts + [attribute(*pair) for pair in attributes.items()]))


def constant(name, array):
    kind = {'float32': 1, 'int64': 7}[str(array.dtype)]
    dims = b''.join(field(1, side) for side in array.shape)
    return field(5, dims + field(2, kind) + field(8, name) + field(9, array.tobytes()))


def value(number, name, dims):
    sides = b''.join(field(1, field(2, d) if isinstance(d, str) else field(1, d)) for d in dims)
    return field(number, field(1, name) + field(2, field(1, field(1, 1) + field(2, sides))))


def outcome(nodes, constants, batch, images, output, rest):
    """The output of a graph on images, or 'refused'. batch: the first dimension as the file says it."""
    ends = value(11, 'x', [batch, *images.shape[1:]]) + value(12, output, [batch, *rest])
    graph = nodes + field(2, 'graph') + constants + ends
    model = field(1, 8) + field(8, field(1, '') + field(2, 13)) + field(7, graph)
    try:
        net = cv2.dnn.readNetFromONNX(np.frombuffer(model, np.uint8))
        net.setInput(images)
        return net.forward()
    except cv2.error:
        return 'refused'


def is_right(found, expected):
    return not isinstance(found, str) and found.shape == expected.shape and np.allclose(found, expected)


def shown(found, expected):
    if isinstance(found, str):
        return found
    return 'right' if is_right(found, expected) else f'shape {found.shape} in place of {expected.shape}'


three = np.arange(1, 25, dtype=np.float32).reshape(3, 2, 2, 2)
seen = {}
lengths = node('Flatten', ['x'], axis=1) + node('ReduceL2', ['Flatten'], axes=[1], keepdims=1)
pixels = node('ReduceL2', ['x'], axes=[1], keepdims=1)
for batch, images in [('N', three[:1]), ('N', three), (3, three)]:
    n = len(images)
    rows = np.linalg.norm(images.reshape(n, -1), axis=1, keepdims=True)
    each = np.linalg.norm(images, axis=1, keepdims=True)
    found = [outcome(lengths, b'', batch, images, 'ReduceL2', [1]), outcome(pixels, b'', batch, images, 'ReduceL2', [1, 2, 2])]
    seen[batch, n] = [shown(found[0], rows), shown(found[1], each)]
    print(f'batch {batch}, {n} images: ReduceL2 behind a Flatten: {seen[batch, n][0]}; on images: {seen[batch, n][1]}')
gather = outcome(node('Gather', ['x', 'order'], axis=3), constant('order', np.array([1, 0])), 3, three, 'Gather', [2, 2, 2])
most = outcome(node('Max', ['x', 'least']), constant('least', np.array([5], dtype=np.float32)), 3, three, 'Max', [2, 2, 2])
print(f'Gather of two columns: {shown(gather, three[..., ::-1])}; Max with a constant: {shown(most, np.maximum(three, 5))}')
as_said = (
    cv2.__version__ == '4.6.0'
    and seen['N', 1][0] == 'right'
    and seen['N', 3][0] == 'refused'
    and seen['N', 3][1].startswith('shape (3, 1, 1, 2, 2)')
    and seen[3, 3] == ['right', 'right']
    and isinstance(gather, str)
    and isinstance(most, str)
)
print('as this file says' if as_said else 'this has changed')
sys.exit(0 if as_said else 1)
PY
/usr/bin/python3 shown.py
