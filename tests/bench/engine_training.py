"""flop_share: arithmetic done while training the scene network, against this machine's own matmul peak."""

import json

from tests.bench.training import flop_share

if __name__ == "__main__":
    print(json.dumps({k: round(v, 3) for k, v in flop_share(30.0).items()}))
