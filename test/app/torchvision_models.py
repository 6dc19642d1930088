"""Models of torchvision and the folders of the hub's layout that come of them.

python3 torchvision_models.py make FOLDER MODEL…
                                               writes MODEL.pth, a state dict with random weights, for each
python3 torchvision_models.py load MODEL FILE PTH
                                               loads FILE, a safetensors file, with strict=True into torchvision's MODEL
                                               without its classifier, and compares it with the state dict in PTH
"""
import json, struct, sys

import torch
import torchvision

kinds = {"F32": torch.float32, "I64": torch.int64}


def read_safetensors(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = bytearray(file.read())
    header.pop("__metadata__", None)
    return {
        name: torch.frombuffer(data, dtype=kinds[entry["dtype"]], offset=entry["data_offsets"][0], count=torch.Size(entry["shape"]).numel())
        .reshape(entry["shape"])
        for name, entry in header.items()
    }


def make(folder, *names):
    torch.manual_seed(0)
    for name in names:
        torch.save(getattr(torchvision.models, name)().state_dict(), f"{folder}/{name}.pth")


def load(name, path, original):
    model = getattr(torchvision.models, name)()
    model.fc = torch.nn.Identity()
    model.load_state_dict(read_safetensors(path), strict=True)
    before = torch.load(original)
    for key, tensor in model.state_dict().items():
        assert torch.equal(tensor, before[key]), key
    print(len(model.state_dict()))


command, *arguments = sys.argv[1:]
{"make": make, "load": load}[command](*arguments)
