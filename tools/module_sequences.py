"""Cases of recurrent modules and attention that PyTorch's module database lacks: batches of several
layers in both directions, projections, states, several masks at once, causal attention, other
features of keys and values. For module_golden.py.
"""

import torch
from torch.testing._internal.common_modules import FunctionInput, ModuleInput

DTYPE = {"dtype": torch.float64}
PADDING = torch.tensor([[False, False, True, False], [False, False, False, True]])


def normal(*shape):
    return torch.randn(shape, **DTYPE, requires_grad=True)


def case(constructor, args, **kwargs):
    """A call of a module, made from positional arguments and a dictionary of named ones."""
    *positional, named = constructor
    return ModuleInput(
        constructor_input=FunctionInput(*positional, **named),
        forward_input=FunctionInput(*args, **kwargs),
        desc="more",
    )


def later(queries, keys):
    """The mask of causal attention."""
    return torch.ones(queries, keys, dtype=torch.bool).triu(1)


def layer(shape, with_state, parts=1, **options):
    """A recurrent layer of 3 inputs and 4 hidden units."""
    cells = options.get("num_layers", 1) * (2 if options.get("bidirectional") else 1)
    batch = [] if len(shape) == 2 else [shape[0 if options.get("batch_first") else 1]]
    sizes = [options.get("proj_size", 0) or 4, 4][:parts]
    state = tuple(normal(cells, *batch, size) for size in sizes)
    args = [normal(*shape)] + [state if parts == 2 else state[0]] * with_state
    return case([{"input_size": 3, "hidden_size": 4, **options}], args)


def rnn():
    both = {"num_layers": 2, "bidirectional": True, "batch_first": True}
    yield layer([2, 3, 3], True, nonlinearity="relu", **both)
    yield layer([5, 2, 3], False, bias=False)
    yield layer([4, 3], True, num_layers=3)


def gru():
    yield layer([2, 3, 3], True, num_layers=2, bidirectional=True, batch_first=True)
    yield layer([4, 3], True, bias=False)
    yield layer([3, 2, 3], False, num_layers=3)
    yield layer([12, 1, 3], True)


def lstm():
    both = {"num_layers": 2, "bidirectional": True, "batch_first": True}
    yield layer([2, 3, 3], True, 2, proj_size=2, **both)
    yield layer([4, 3], False, 2, proj_size=3, bias=False)
    yield layer([3, 2, 3], False, 2, num_layers=3)
    yield layer([4, 3], True, 2, bidirectional=True, batch_first=True)
    yield layer([12, 1, 3], True, 2)


def cell(parts=1):
    for batch in [[], [2]]:
        for bias in [True, False]:
            state = tuple(normal(*batch, 4) for _ in range(parts))
            for with_state in [True, False]:
                args = [normal(*batch, 3)] + [state if parts == 2 else state[0]] * with_state
                yield case([3, 4, {"bias": bias}], args)


def attention():
    """Without weights PyTorch takes another path."""
    first = {"batch_first": True}
    each, none = {"average_attn_weights": False}, {"need_weights": False}
    cross = [normal(2, 3, 4), normal(2, 4, 3), normal(2, 4, 5)]
    other = {"kdim": 3, "vdim": 5, **first}
    yield case([4, 2, other], cross, attn_mask=normal(3, 4), **each)
    yield case([4, 2, other | {"bias": False}], cross, **none)
    heads = torch.arange(4 * 3 * 4).reshape(4, 3, 4) % 3 == 1
    masks = {"attn_mask": heads, "key_padding_mask": PADDING}
    key = normal(4, 2, 4)
    yield case([4, 2, {"bias": False}], [normal(3, 2, 4), key, key], **masks)
    key = normal(5, 4)
    yield case([4, 2, {"add_zero_attn": True}], [normal(3, 4), key, key], **each)
    x = normal(2, 4, 4)
    causal = {"attn_mask": later(4, 4), "is_causal": True}
    yield case([4, 2, first], [x, x, x], **causal, **each)
    yield case([4, 2, first], [x, x, x], **causal, **none)
    yield case([4, 2, first], [x, x, x], key_padding_mask=PADDING, **causal, **none)
    extra = {"add_bias_kv": True, "add_zero_attn": True, **first}
    yield case([4, 2, extra], [x, x, x], key_padding_mask=PADDING, **causal, **each)
    masks = {"attn_mask": normal(4, 4), "key_padding_mask": normal(2, 4)}
    yield case([4, 2, first], [x, x, x], **masks, **none)


LAYER = {"dim_feedforward": 5, "dropout": 0.0}


def encoder_layer():
    causal = {"src_mask": later(4, 4), "is_causal": True}
    masks = {"src_key_padding_mask": PADDING}
    batch_first = LAYER | {"batch_first": True}
    yield case([4, 2, batch_first], [normal(2, 4, 4)], **causal, **masks)
    yield case([4, 2, batch_first], [normal(2, 4, 4)], **causal)
    gelu = LAYER | {"norm_first": True, "activation": "gelu"}
    yield case([4, 2, gelu], [normal(4, 2, 4)], **masks)
    yield case([4, 2, LAYER | {"bias": False, "layer_norm_eps": 0.1}], [normal(4, 4)], **causal)


def decoder_masks():
    return {
        "tgt_mask": later(3, 3),
        "tgt_is_causal": True,
        "memory_mask": torch.arange(12).reshape(3, 4) % 5 == 2,
    }


def decoder_layer():
    masks = decoder_masks()
    padding = {"memory_key_padding_mask": PADDING}
    batch_first = LAYER | {"batch_first": True}
    yield case([4, 2, batch_first], [normal(2, 3, 4), normal(2, 4, 4)], **masks, **padding)
    gelu = LAYER | {"norm_first": True, "activation": "gelu"}
    yield case([4, 2, gelu], [normal(3, 2, 4), normal(4, 2, 4)], **masks, **padding)
    yield case([4, 2, LAYER | {"bias": False}], [normal(3, 4), normal(4, 4)], **masks)


def transformer():
    masks = decoder_masks() | {"memory_key_padding_mask": PADDING}
    layers = {"num_encoder_layers": 2, "num_decoder_layers": 2}
    yield case([4, 2, LAYER | layers], [normal(4, 2, 4), normal(3, 2, 4)], **masks)


MORE = {
    "nn.RNN": rnn,
    "nn.GRU": gru,
    "nn.LSTM": lstm,
    "nn.RNNCell": cell,
    "nn.GRUCell": cell,
    "nn.LSTMCell": lambda: cell(2),
    "nn.MultiheadAttention": attention,
    "nn.TransformerEncoderLayer": encoder_layer,
    "nn.TransformerDecoderLayer": decoder_layer,
    "nn.Transformer": transformer,
}


def sequence_samples(name):
    """Samples as the database's, with the modes in which they hold."""
    torch.manual_seed(2)
    return [(sample, [True, False]) for sample in MORE.get(name, list)()]
