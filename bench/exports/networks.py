"""kindred's encoders as plain PyTorch modules, apart from everything of kindred's: from the options of an encoder, as
the metadata of encoder.safetensors hold them, to a module with torchvision's (and timm's) names.
"""
import json
import struct
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

sys.path.append(str(Path(__file__).parents[2] / 'test' / 'fixtures'))
import vit_model

BLOCKS = {18: [2, 2, 2, 2], 34: [3, 4, 6, 3], 50: [3, 4, 6, 3], 101: [3, 4, 23, 3]}


def conv(inputs, outputs, kernel, stride=1, padding=None):
    padding = (kernel - 1) // 2 if padding is None else padding
    return nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False)


class BasicBlock(nn.Module):
    """torchvision.models.resnet.BasicBlock, names and all."""

    def __init__(self, inputs, outputs, stride, shortcut, epsilon):
        super().__init__()
        self.conv1 = conv(inputs, outputs, 3, stride)
        self.bn1 = nn.BatchNorm2d(outputs, eps=epsilon)
        self.conv2 = conv(outputs, outputs, 3)
        self.bn2 = nn.BatchNorm2d(outputs, eps=epsilon)
        self.downsample = shortcut

    def forward(self, x):
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(y + self.downsample(x))


class Bottleneck(nn.Module):
    """torchvision.models.resnet.Bottleneck; `strides` of the first 1x1 and of the 3x3."""

    def __init__(self, inputs, inner, outputs, strides, shortcut, epsilon):
        super().__init__()
        self.conv1 = conv(inputs, inner, 1, strides[0])
        self.bn1 = nn.BatchNorm2d(inner, eps=epsilon)
        self.conv2 = conv(inner, inner, 3, strides[1])
        self.bn2 = nn.BatchNorm2d(inner, eps=epsilon)
        self.conv3 = conv(inner, outputs, 1)
        self.bn3 = nn.BatchNorm2d(outputs, eps=epsilon)
        self.downsample = shortcut

    def forward(self, x):
        y = torch.relu(self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x))))))
        return torch.relu(self.bn3(self.conv3(y)) + self.downsample(x))


def projection(inputs, outputs, stride, epsilon):
    return nn.Sequential(conv(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs, eps=epsilon))


def averaged_projection(inputs, outputs, stride, epsilon):
    """timm.models.resnet.downsample_avg."""
    pool = nn.AvgPool2d(2, stride, ceil_mode=True, count_include_pad=False) if stride > 1 else nn.Identity()
    return nn.Sequential(pool, conv(inputs, outputs, 1), nn.BatchNorm2d(outputs, eps=epsilon))


class PaddedIdentity(nn.Module):
    """Option A of He et al. 2015, as https://github.com/akamaster/pytorch_resnet_cifar10 has it for even channels."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.stride = stride
        self.before = (outputs - inputs) // 2
        self.after = outputs - inputs - self.before

    def forward(self, x):
        kept = x[:, :, :: self.stride, :: self.stride]
        return nn.functional.pad(kept, (0, 0, 0, 0, self.before, self.after))


class Trunk(nn.Module):
    """A stem, stages of residual blocks and the global average."""

    def add_stages(self, counts, block):
        for stage, count in enumerate(counts):
            strides = [2 if stage > 0 and i == 0 else 1 for i in range(count)]
            setattr(self, f'layer{stage + 1}', nn.Sequential(*[block(stage, stride) for stride in strides]))
        self.stages = len(counts)

    def forward(self, x):
        x = self.maxpool(torch.relu(self.bn1(self.conv1(x))))
        for stage in range(self.stages):
            x = getattr(self, f'layer{stage + 1}')(x)
        return x.mean((2, 3))


class ResNet(Trunk):
    def __init__(self, stem, depth=18, width=64, baseWidth=64, stride='v1.5', downsample='convolution',
                 stemPadding=1, epsilon=1e-5):
        super().__init__()
        half = (width + 1) // 2
        norm = lambda channels: nn.BatchNorm2d(channels, eps=epsilon)
        self.conv1 = {
            'cifar': lambda: conv(3, width, 3, padding=stemPadding),
            'imagenet': lambda: conv(3, width, 7, 2),
            'deep': lambda: nn.Sequential(conv(3, half, 3, 2), norm(half), nn.ReLU(), conv(half, half, 3),
                                          norm(half), nn.ReLU(), conv(half, width, 3)),
        }[stem]()
        self.bn1 = norm(width)
        self.maxpool = nn.Identity() if stem == 'cifar' else nn.MaxPool2d(3, 2, 1)
        change = averaged_projection if downsample == 'average' else projection
        inputs = width

        def block(stage, step):
            nonlocal inputs
            channels = width * 2**stage
            outputs = channels if depth < 50 else 4 * channels
            changes = step != 1 or inputs != outputs
            shortcut = change(inputs, outputs, step, epsilon) if changes else nn.Identity()
            if depth < 50:
                made = BasicBlock(inputs, outputs, step, shortcut, epsilon)
            else:
                strides = (step, 1) if stride == 'v1' else (1, step)
                made = Bottleneck(inputs, channels * baseWidth // 64, outputs, strides, shortcut, epsilon)
            inputs = outputs
            return made

        self.add_stages(BLOCKS[depth], block)


class CifarResNet(Trunk):
    def __init__(self, depth=20, width=16, shortcut='padding', epsilon=1e-5):
        super().__init__()
        self.conv1 = conv(3, width, 3)
        self.bn1 = nn.BatchNorm2d(width, eps=epsilon)
        self.maxpool = nn.Identity()
        inputs = width

        def block(stage, step):
            nonlocal inputs
            outputs = width * 2**stage
            past = nn.Identity()
            if step != 1 or inputs != outputs:
                past = (PaddedIdentity(inputs, outputs, step) if shortcut == 'padding'
                        else projection(inputs, outputs, step, epsilon))
            made = BasicBlock(inputs, outputs, step, past, epsilon)
            inputs = outputs
            return made

        self.add_stages([(depth - 2) // 6] * 3, block)


def build(options):
    """The module that options ask for."""
    options = dict(options)
    family = options.pop('family', 'resnet')
    if family == 'vit':
        return vit_model.build(options)
    return {'resnet': ResNet, 'cifar-resnet': CifarResNet}[family](**options)


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


def write_safetensors(path, tensors):
    header, content, at = {}, [], 0
    for name, tensor in tensors.items():
        data = tensor.detach().numpy().tobytes()
        dtype = {torch.float32: 'F32', torch.int64: 'I64'}[tensor.dtype]
        header[name] = {'dtype': dtype, 'shape': list(tensor.shape), 'data_offsets': [at, at + len(data)]}
        content.append(data)
        at += len(data)
    text = json.dumps(header).encode()
    text += b' ' * (-len(text) % 8)
    with open(path, 'wb') as file:
        file.write(struct.pack('<Q', len(text)) + text + b''.join(content))
