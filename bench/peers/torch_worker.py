"""PyTorch's part of compare.mjs: reads questions as JSON lines, answers in kind."""

import json
import os
import sys
import time
from pathlib import Path

device_name, threads = sys.argv[1], int(sys.argv[2])
os.environ.update(OMP_NUM_THREADS=str(threads), OPENBLAS_NUM_THREADS=str(threads))

import numpy
import torch
import torch.nn.functional as F

# Debian's PyTorch takes the system's BLAS, whose reference form is many times slower than OpenBLAS.
with open("/proc/self/maps") as maps:
    blas = sorted({os.path.basename(line.split()[-1]) for line in maps if "blas" in line})

torch.set_num_threads(threads)
if device_name == "cuda" and not torch.cuda.is_available():
    sys.exit("this PyTorch has no CUDA device")
device = torch.device(device_name)
torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False


def load(entry):
    data = numpy.fromfile(entry["path"], dtype=numpy.float32).reshape(entry["shape"])
    return torch.from_numpy(data).to(device)


def images(x):
    return x.permute(0, 3, 1, 2).contiguous()


def filters(w):
    return w.permute(3, 2, 0, 1).contiguous()


def nt_xent(x, temperature):
    z = F.normalize(x)
    rows = z.shape[0]
    s = z @ z.T / temperature
    s = s.masked_fill(torch.eye(rows, dtype=torch.bool, device=device), float("-inf"))
    partners = torch.arange(rows, device=device).roll(rows // 2)
    return F.cross_entropy(s, partners)


def matmul(work, inputs, weights):
    a, b = load(inputs["a"]), load(inputs["b"])
    return lambda: [a @ b]


def conv(work, inputs, weights):
    x, w, dy = images(load(inputs["x"])), filters(load(inputs["w"])), images(load(inputs["dy"]))
    options = dict(stride=work["stride"], padding=work["pad"])
    if work["pass"] == "forward":
        return lambda: [F.conv2d(x, w, **options).permute(0, 2, 3, 1)]

    def gradients():
        dx, dw, _ = torch.ops.aten.convolution_backward(
            dy, x, w, None, [work["stride"]] * 2, [work["pad"]] * 2, [1, 1], False, [0, 0], 1, [True, True, False]
        )
        return [dx.permute(0, 2, 3, 1), dw.permute(2, 3, 1, 0)]

    return gradients


def ntXent(work, inputs, weights):
    x = load(inputs["x"]).requires_grad_()

    def run():
        with torch.enable_grad():
            loss = nt_xent(x, work["temperature"])
            (gradient,) = torch.autograd.grad(loss, x)
        return [loss.detach(), gradient]

    return run


def step(work, inputs, weights):
    views = images(load(inputs["views"]))
    p = {}
    for name, entry in weights.items():
        value = load(entry)
        p[name] = (filters(value) if value.dim() == 4 else value).requires_grad_()
    optimizer = torch.optim.SGD(p.values(), lr=work["learningRate"], momentum=work["momentum"])

    def norm(x, name):
        return F.batch_norm(x, None, None, p[name + ".weight"], p[name + ".bias"], training=True)

    def block(x, name, stride, downsample):
        first = F.relu(norm(F.conv2d(x, p[name + ".conv1.weight"], stride=stride, padding=1), name + ".bn1"))
        second = norm(F.conv2d(first, p[name + ".conv2.weight"], padding=1), name + ".bn2")
        if downsample:
            shortcut = F.conv2d(x, p[name + ".downsample.0.weight"], stride=stride)
            x = norm(shortcut, name + ".downsample.1")
        return F.relu(second + x)

    def forward():
        x = F.relu(norm(F.conv2d(views, p["conv1.weight"], padding=1), "bn1"))
        for stage in range(1, 5):
            for index in range(2):
                first = stage > 1 and index == 0
                x = block(x, f"layer{stage}.{index}", 2 if first else 1, first)
        h = x.mean((2, 3))
        hidden = F.relu(norm(h @ p["projector.0.weight"], "projector.1"))
        return hidden @ p["projector.3.weight"] + p["projector.3.bias"]

    def run():
        with torch.enable_grad():
            optimizer.zero_grad(set_to_none=True)
            loss = nt_xent(forward(), work["temperature"])
            loss.backward()
            optimizer.step()
        return [loss.detach().reshape(1)]

    return run


def features(work, inputs, weights):
    sys.path.append(str(Path(__file__).parents[1] / "exports"))
    from networks import build, read_safetensors

    model = build(work["options"]).to(device).eval()
    model.load_state_dict(read_safetensors(work["file"])[0], strict=True)
    x = images(load(inputs["x"]))
    return lambda: [model(x)]


def finish():
    if device_name == "cuda":
        torch.cuda.synchronize()


def answer(message):
    print(json.dumps(message), flush=True)


answer(
    dict(
        name="PyTorch " + ("CUDA" if device_name == "cuda" else f"CPU, {threads} threads"),
        version=torch.__version__,
        details=torch.cuda.get_device_name() if device_name == "cuda" else ", ".join(blas),
    )
)
kinds = dict(matmul=matmul, conv=conv, ntXent=ntXent, step=step, features=features)
current = None
torch.set_grad_enabled(False)
for line in sys.stdin:
    question = json.loads(line)
    try:
        if question["do"] == "prepare":
            work = question["work"]
            current = kinds[work["kind"]](work, question["inputs"], question["weights"])
            answer({})
        elif question["do"] == "run":
            wall, cpu = time.perf_counter(), time.process_time()
            current()
            finish()
            answer(dict(wall=time.perf_counter() - wall, cpu=time.process_time() - cpu))
        else:
            results = current()
            if work["kind"] == "step":
                results = [torch.cat(results + current())]
            paths = []
            for i, result in enumerate(results):
                paths.append(os.path.join(question["folder"], f"value{i}"))
                result.contiguous().cpu().numpy().tofile(paths[-1])
            answer(dict(paths=paths))
    except Exception as error:
        answer(dict(error=f"{type(error).__name__}: {error}"))
