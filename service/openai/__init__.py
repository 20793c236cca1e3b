"""The same answers for clients of OpenAI's chat completions: any program that talks to one talks to this."""
