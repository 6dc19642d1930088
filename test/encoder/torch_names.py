"""Writes files of torch.save to the folder named on the command line, in both containers: networks under the names that
programs give them by wrapping them, and beside each NAME.pth the same network's tensors under torchvision's names, as
NAME.plain.pth. names.json lists them. The wrappers hold torchvision's own modules, so that PyTorch gives both names.

Run with PyTorch 1.13 and torchvision 0.14: python3 torch_names.py FOLDER
"""
import json, os, sys

import torch
from torch import nn
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet

folder = sys.argv[1]
torch.manual_seed(0)


def network(block, counts, width, cifar=False):
    model = ResNet(block, counts)
    model.conv1 = nn.Conv2d(3, width, 3, 1, 1, bias=False) if cifar else nn.Conv2d(3, width, 7, 2, 3, bias=False)
    model.bn1 = nn.BatchNorm2d(width)
    model.inplanes = width
    for stage, count in enumerate(counts):
        setattr(model, f"layer{stage + 1}", model._make_layer(block, width << stage, count, 1 if stage == 0 else 2))
    model.fc = nn.Linear(model.inplanes, 5)
    for name, tensor in model.state_dict().items():
        if tensor.is_floating_point():
            tensor.uniform_(0.5, 1.5) if name.endswith("running_var") else tensor.normal_(0, 0.3)
    return model


class Holder(nn.Module):
    def __init__(self, **parts):
        super().__init__()
        for name, part in parts.items():
            setattr(self, name, part)


def children(model, *before):
    return nn.Sequential(*before, *[child for child in model.children() if not isinstance(child, nn.Linear)])


basic = lambda **more: network(BasicBlock, [2, 2, 2, 2], 2, **more)
deep = lambda: network(Bottleneck, [3, 4, 6, 3], 1)
cases = []


def case(name, model, state, legacy=False):
    """`state` holds some of `model`'s tensors themselves, under other names."""
    path = f"{name}.pth"
    torch.save(state, os.path.join(folder, path), _use_new_zipfile_serialization=not legacy)
    torch.save(model.state_dict(), os.path.join(folder, f"{name}.plain.pth"))
    cases.append(name)


for legacy in (False, True):
    end = "-legacy" if legacy else ""
    m = basic()
    case("plain" + end, m, m.state_dict(), legacy)
    m = basic(cifar=True)
    case("ddp" + end, m, {"epoch": 3, "state_dict": nn.DataParallel(m).state_dict(), "best": torch.tensor(0.5)}, legacy)
    m, other = deep(), deep()
    moco = nn.DataParallel(Holder(encoder_q=m, encoder_k=other))
    optimizer = torch.optim.SGD(m.parameters(), lr=0.1, momentum=0.9)
    m(torch.randn(2, 3, 32, 32)).sum().backward()
    optimizer.step()
    case("moco" + end, m, {"arch": "resnet50", "state_dict": moco.state_dict(), "optimizer": optimizer.state_dict()}, legacy)
    m = basic()
    lightly = Holder(backbone=children(m), projection_head=nn.Sequential(nn.Linear(16, 4), nn.BatchNorm1d(4)))
    case("lightly" + end, m, {"state_dict": Holder(model=lightly).state_dict(), "hyper_parameters": {}}, legacy)
    m = basic()
    case("lightly-norm" + end, m, Holder(backbone=children(m, nn.BatchNorm2d(3))).state_dict(), legacy)
    m, other = basic(), basic()
    case("byol" + end, m, Holder(net=m, online_encoder=Holder(net=m), target_encoder=Holder(net=other)).state_dict(), legacy)
    m, other = deep(), deep()
    dino = {"student": nn.DataParallel(Holder(backbone=other)).state_dict(), "teacher": Holder(backbone=m).state_dict()}
    case("dino" + end, m, dino, legacy)
    m = basic()
    blocks = nn.ModuleDict({name: child for name, child in m.named_children() if name != "fc"})
    trunk = {"base_model": {"model": {"trunk": Holder(_feature_blocks=blocks).state_dict(), "heads": {}}}}
    case("vissl" + end, m, {"classy_state_dict": trunk}, legacy)
    m = basic()
    case("parameters" + end, m, {**dict(m.named_parameters()), **dict(m.named_buffers())}, legacy)

json.dump(cases, open(os.path.join(folder, "names.json"), "w"))
