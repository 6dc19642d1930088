"""An encoder with random weights and running statistics, and its features in PyTorch.

python3 random_network.py OPTIONS OUT SIDE...
OPTIONS is JSON as kindred's EncoderOptions; with "model" it names torchvision's own network instead. OUT gets
weights.safetensors, and for each side images-SIDE.bin (7 images of SIDE x SIDE bytes RGB) and features-SIDE.bin
(float32, of the bytes / 255 normalised as ImageNet's). Prints versions and, by side, processor seconds as JSON.
"""
import json
import sys
import time

import numpy as np
import torch
from networks import build, write_safetensors
from torch import nn

options, out, *sides = sys.argv[1:]
options = json.loads(options)
torch.manual_seed(0)
if 'model' in options:
    import torchvision
    model = getattr(torchvision.models, options['model'])(weights=None)
    model.fc = nn.Identity()
else:
    model = build(options)
for module in model.modules():
    if isinstance(module, nn.BatchNorm2d):
        nn.init.uniform_(module.weight, 0.5, 1.5)
        nn.init.uniform_(module.bias, -0.3, 0.3)
        nn.init.uniform_(module.running_mean, -0.3, 0.3)
        nn.init.uniform_(module.running_var, 0.5, 1.5)
model.eval()
write_safetensors(f'{out}/weights.safetensors', model.state_dict())
mean = torch.tensor([0.485, 0.456, 0.406]).reshape(1, 3, 1, 1)
std = torch.tensor([0.229, 0.224, 0.225]).reshape(1, 3, 1, 1)
seconds = {}
for side in map(int, sides):
    noise = np.random.default_rng(side).integers(0, 256, (7, side, side, 3), np.uint8)
    noise.tofile(f'{out}/images-{side}.bin')
    pixels = torch.from_numpy(noise).permute(0, 3, 1, 2).float() / 255
    start = time.process_time()
    with torch.no_grad():
        features = model((pixels - mean) / std)
    seconds[side] = time.process_time() - start
    features.numpy().tofile(f'{out}/features-{side}.bin')
print(json.dumps({'version': torch.__version__, 'seconds': seconds}))
