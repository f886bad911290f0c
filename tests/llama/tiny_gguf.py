"""Writes a chat model of half a megabyte that llama.cpp runs: `python tiny_gguf.py out.gguf`.

A two-layer llama of 64 dimensions with random weights, always the same, and a byte-level BPE
vocabulary. It talks nonsense, but printable ASCII nonsense: the first dimension of every
embedding is a large constant, so the first column of the output matrix is a bias on each token.
"""

from __future__ import annotations

import sys
from pathlib import Path

import gguf
import numpy as np

__all__ = ["write"]

LAYERS, DIMENSIONS, HEADS, FEED_FORWARD, CONTEXT = 2, 64, 4, 128, 4096
CONSTANT = 4.0
MERGES = ["Ġ t", "h e", "Ġt he", "i n", "e r", "a n", "o u", "Ġ a", "r e", "n d"]
# Tools are shown and called as JSON between tags: llama.cpp learns that from the template itself.
CHATML = """\
{%- if tools %}<|im_start|>system
{% for tool in tools %}{{ tool | tojson }}
{% endfor %}<tool_call>{"name": ..., "arguments": ...}</tool_call><|im_end|>
{% endif %}
{%- for message in messages %}<|im_start|>{{ message.role }}
{% if message.reasoning_content %}<think>{{ message.reasoning_content }}</think>{% endif %}
{{- message.content or "" }}
{%- for call in message.tool_calls or [] -%}
<tool_call>{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}\
}</tool_call>
{%- endfor %}<|im_end|>
{% endfor %}
{%- if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""


def byte_alphabet() -> list[str]:
    """GPT-2's printable stand-in for each of the 256 bytes."""
    kept = {*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAC + 1), *range(0xAE, 0xFF + 1)}
    spare = iter(range(256, 512))
    return [chr(byte if byte in kept else next(spare)) for byte in range(256)]


BYTES = byte_alphabet()
WORDS = [merge.replace(" ", "") for merge in MERGES]
TAGS = ["<tool_call>", "</tool_call>", "<think>", "</think>"]
CONTROL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
TOKENS = BYTES + WORDS + TAGS + CONTROL


# How willing the model is to say a token, in logits; a printable character has 0, and what must
# not be said unless a grammar leaves no choice has NEVER. Those of STEADY do not depend on what
# went before: else a reply might not end, nor a tool be called when it must be.
NEVER = -40.0
STEADY = {"<tool_call>": 1.0, "<|im_end|>": 1.5, '"': 2.0, "}": 2.0}
SHY = {"<": NEVER, ",": NEVER, "</tool_call>": NEVER + 4, "</think>": NEVER + 4}


def bias() -> np.ndarray:
    wanted = dict.fromkeys(TOKENS, NEVER)
    wanted |= {BYTES[byte]: 0.0 for byte in range(ord(" "), ord("~") + 1)}
    wanted |= dict.fromkeys(WORDS, 2.0)
    return np.array(list((wanted | STEADY | SHY).values()))


def weights() -> dict[str, np.ndarray]:
    """Every tensor by its GGUF name; matrices are (outputs, inputs)."""
    random = np.random.default_rng(20)

    def matrix(outputs: int, inputs: int = DIMENSIONS) -> np.ndarray:
        return (random.standard_normal((outputs, inputs)) / inputs**0.5).astype(np.float32)

    ones = np.ones(DIMENSIONS, np.float32)
    tensors = {"token_embd.weight": matrix(len(TOKENS)), "output_norm.weight": ones}
    for layer in range(LAYERS):
        block = {f"attn_{part}": matrix(DIMENSIONS) for part in ("q", "k", "v", "output")}
        block |= {"ffn_gate": matrix(FEED_FORWARD), "ffn_up": matrix(FEED_FORWARD)}
        block |= {"ffn_down": matrix(DIMENSIONS, FEED_FORWARD)}
        block["attn_output"][0] = block["ffn_down"][0] = 0.0  # the constant stays constant
        block |= {"attn_norm": ones, "ffn_norm": ones}
        tensors |= {f"blk.{layer}.{part}.weight": tensor for part, tensor in block.items()}
    tensors["output.weight"] = matrix(len(TOKENS)) / 2
    tensors["output.weight"][[TOKENS.index(token) for token in STEADY]] = 0.0
    tensors["token_embd.weight"][:, 0] = CONSTANT
    # The norm before it brings the constant to about sqrt(DIMENSIONS) * its share of the length.
    share = CONSTANT / (CONSTANT**2 + LAYERS + 1) ** 0.5
    tensors["output.weight"][:, 0] = bias() / (share * DIMENSIONS**0.5)
    return tensors


def write(path: Path) -> None:
    """Write the model to `path`."""
    model = gguf.GGUFWriter(path, "llama")
    model.add_name("tiny")
    model.add_context_length(CONTEXT)
    model.add_embedding_length(DIMENSIONS)
    model.add_block_count(LAYERS)
    model.add_feed_forward_length(FEED_FORWARD)
    model.add_head_count(HEADS)
    model.add_head_count_kv(HEADS)
    model.add_rope_dimension_count(DIMENSIONS // HEADS)
    model.add_layer_norm_rms_eps(1e-5)
    model.add_vocab_size(len(TOKENS))
    model.add_tokenizer_model("gpt2")
    model.add_tokenizer_pre("gpt-2")
    model.add_token_list(TOKENS)
    kinds = [gguf.TokenType.NORMAL] * len(BYTES + WORDS)
    kinds += [gguf.TokenType.USER_DEFINED] * len(TAGS) + [gguf.TokenType.CONTROL] * len(CONTROL)
    model.add_token_types(kinds)
    model.add_token_merges(MERGES)
    model.add_bos_token_id(TOKENS.index("<|endoftext|>"))
    model.add_eos_token_id(TOKENS.index("<|im_end|>"))
    model.add_add_bos_token(False)
    model.add_chat_template(CHATML)
    for name, tensor in weights().items():
        model.add_tensor(name, tensor)
    model.write_header_to_file()
    model.write_kv_data_to_file()
    model.write_tensors_to_file()
    model.close()


if __name__ == "__main__":
    write(Path(sys.argv[1]))
