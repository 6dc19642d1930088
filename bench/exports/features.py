"""Features and logits of encoder.safetensors and head.safetensors in PyTorch, apart from everything of kindred's.

python3 features.py RUN_FOLDER IMAGES SIDE OUT
IMAGES holds float32 N×3×SIDE×SIDE in 0…1; OUT/features.bin and OUT/logits.bin get float32 rows.
"""
import json
import sys

import numpy as np
import torch
from networks import build, read_safetensors
from torch import nn

run, images_path, side, out = sys.argv[1:]
tensors, metadata = read_safetensors(f'{run}/encoder.safetensors')
model = build(json.loads(metadata['encoder']))
model.load_state_dict(tensors, strict=True)
model.eval()
images = torch.from_numpy(np.fromfile(images_path, np.float32).reshape(-1, 3, int(side), int(side)))
scale = json.loads(metadata['normalise'])
mean, std = (torch.tensor(scale[name]).reshape(1, 3, 1, 1) for name in ('mean', 'std'))
head, of_head = read_safetensors(f'{run}/head.safetensors')
with torch.no_grad():
    features = model((images - mean) / std)
    rows = nn.functional.normalize(features) if of_head.get('unitLength') == 'true' else features
    logits = nn.functional.linear(rows, head['fc.weight'], head['fc.bias'])
features.numpy().tofile(f'{out}/features.bin')
logits.numpy().tofile(f'{out}/logits.bin')
print(torch.__version__)
