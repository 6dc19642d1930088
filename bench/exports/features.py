"""Features and logits of encoder.safetensors and head.safetensors in PyTorch, apart from everything of kindred's.

python3 features.py RUN_FOLDER IMAGES SIDE OUT
IMAGES holds float32 N×3×SIDE×SIDE in 0…1; OUT/features.bin and OUT/logits.bin get float32 rows.
"""
import json
import struct
import sys

import numpy as np
import torch
from torch import nn


def read_safetensors(path):
    with open(path, 'rb') as file:
        (length,) = struct.unpack('<Q', file.read(8))
        header = json.loads(file.read(length))
        content = file.read()
    metadata = header.pop('__metadata__', {})
    dtypes = {'F32': np.float32, 'I64': np.int64}
    tensors = {}
    for name, entry in header.items():
        begin, end = entry['data_offsets']
        array = np.frombuffer(content[begin:end], dtypes[entry['dtype']]).reshape(entry['shape'])
        tensors[name] = torch.from_numpy(array.copy())
    return tensors, metadata


class BasicBlock(nn.Module):
    """torchvision.models.resnet.BasicBlock, names and all."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = nn.Identity()
        if stride != 1 or inputs != outputs:
            shortcut = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
            self.downsample = nn.Sequential(shortcut, nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(y + self.downsample(x))


class ResNet(nn.Module):
    def __init__(self, depth, width, stem):
        super().__init__()
        large = stem == 'imagenet'
        self.conv1 = nn.Conv2d(3, width, 7 if large else 3, 2 if large else 1, 3 if large else 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.maxpool = nn.MaxPool2d(3, 2, 1) if large else nn.Identity()
        inputs = width
        for stage, count in enumerate({18: [2, 2, 2, 2], 34: [3, 4, 6, 3]}[depth]):
            outputs = width * 2**stage
            blocks = []
            for i in range(count):
                blocks.append(BasicBlock(inputs, outputs, 2 if stage > 0 and i == 0 else 1))
                inputs = outputs
            setattr(self, f'layer{stage + 1}', nn.Sequential(*blocks))

    def forward(self, x):
        x = self.maxpool(torch.relu(self.bn1(self.conv1(x))))
        return self.layer4(self.layer3(self.layer2(self.layer1(x)))).mean((2, 3))


run, images_path, side, out = sys.argv[1:]
tensors, metadata = read_safetensors(f'{run}/encoder.safetensors')
model = ResNet(**json.loads(metadata['encoder']))
model.load_state_dict(tensors, strict=True)
model.eval()
images = torch.from_numpy(np.fromfile(images_path, np.float32).reshape(-1, 3, int(side), int(side)))
scale = json.loads(metadata['normalise'])
mean, std = (torch.tensor(scale[name]).reshape(1, 3, 1, 1) for name in ('mean', 'std'))
head, _ = read_safetensors(f'{run}/head.safetensors')
with torch.no_grad():
    features = model((images - mean) / std)
    logits = nn.functional.linear(features, head['fc.weight'], head['fc.bias'])
features.numpy().tofile(f'{out}/features.bin')
logits.numpy().tofile(f'{out}/logits.bin')
print(torch.__version__)
