"""Calls a relay with the official OpenAI client for Python, as a user would.

Reads OPENAI_API_KEY and OPENAI_BASE_URL, takes the model as its argument, and prints what came as
one JSON object: the answer, the streamed answer, and the id of each call.
"""

import json
import sys

from openai import OpenAI

QUESTION = [{"role": "user", "content": "What does a call mine?"}]


def main(model: str) -> None:
    completions = OpenAI().chat.completions
    whole = completions.with_raw_response.create(model=model, messages=QUESTION)
    streamed = completions.with_raw_response.create(model=model, messages=QUESTION, stream=True)
    pieces = [choice.delta.content or "" for chunk in streamed.parse() for choice in chunk.choices]
    result = {
        "text": whole.parse().choices[0].message.content,
        "streamed": "".join(pieces),
        "calls": [answer.headers["x-lx-call-id"] for answer in (whole, streamed)],
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main(sys.argv[1])
