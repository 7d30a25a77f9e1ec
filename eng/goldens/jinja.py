#!/usr/bin/env python3
"""Renders the templates below with Jinja itself, set up as Hugging Face's chat templates are, and prints the results as JSON.

    eng/goldens/jinja.py > tests/Rubato.Models.Tests/Chat/jinja-goldens.json

Needs python3-jinja2. The templates are this project's own; each exercises what the templates of a family of models use.
"""
import json
from datetime import datetime

import jinja2
from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.sandbox import ImmutableSandboxedEnvironment

NOW = datetime(2024, 3, 5, 7, 8, 9)


class Generation(Extension):
    """The tag that marks what the model wrote; it changes nothing in the text."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return nodes.CallBlock(self.call_method("_text", []), [], [], body).set_lineno(line)

    def _text(self, caller):
        return caller()


def refuse(message):
    raise jinja2.exceptions.TemplateError(message)


def environment():
    made = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, "jinja2.ext.loopcontrols"])
    made.filters["tojson"] = lambda value, ensure_ascii=False, indent=None, separators=None, sort_keys=False: json.dumps(
        value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)
    made.globals["raise_exception"] = refuse
    made.globals["strftime_now"] = lambda form: NOW.strftime(form)
    return made


def call(name, arguments, id="call_7"):
    return {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}


WEATHER = {"type": "function", "function": {"name": "weather", "description": "What the sky does in a \"place\".", "parameters": {
    "type": "object", "properties": {"place": {"type": "string", "description": "Where"}, "days": {"type": "integer", "enum": [1, 2]}}, "required": ["place"]}}}
TIME = {"type": "function", "function": {"name": "time", "description": "The hour.", "parameters": {"type": "object", "properties": {}}}}
USER = {"role": "user", "content": "Wie geht's, Größe 🙂?"}
TURNS = [USER, {"role": "assistant", "content": "  <think>\nlet me see\n</think>\n\nWell.  "}, {"role": "user", "content": "And\nnow?"}]
SYSTEM = {"role": "system", "content": " Be brief. "}
TOOL_TURNS = [
    {"role": "user", "content": "Rain?"}, {"role": "assistant", "content": None, "tool_calls": [call("weather", {"place": "Köln", "days": 2}), call("time", {}, "call_8")]},
    {"role": "tool", "name": "weather", "tool_call_id": "call_7", "content": "{\"rain\": true}"}, {"role": "tool", "name": "time", "tool_call_id": "call_8", "content": "7"},
    {"role": "assistant", "content": "Yes.", "reasoning_content": "\nthe tool says so\n"}, {"role": "user", "content": "Thanks"},
]
PARTS = [{"role": "user", "content": [{"type": "text", "text": "one"}, {"type": "image"}, {"type": "text", "text": "two"}]}]

CONVERSATIONS = {
    "user": {"messages": [USER], "add_generation_prompt": True},
    "turns": {"messages": TURNS, "add_generation_prompt": True, "enable_thinking": False},
    "system": {"messages": [SYSTEM] + TURNS, "add_generation_prompt": False},
    "tools": {"messages": [SYSTEM] + TOOL_TURNS, "tools": [WEATHER, TIME], "add_generation_prompt": True, "enable_thinking": True},
    "tools-without-system": {"messages": TOOL_TURNS[:1], "tools": [WEATHER], "add_generation_prompt": True},
    "two-users": {"messages": [USER, USER], "add_generation_prompt": True},
    "ends-with-assistant": {"messages": TURNS[:2], "add_generation_prompt": False},
    "parts": {"messages": PARTS, "add_generation_prompt": True},
    "none": {"messages": [], "add_generation_prompt": True},
    "documents": {"messages": [USER], "documents": [{"title": "A", "text": "x"}, {"title": "B", "text": "y\nz"}], "add_generation_prompt": True},
}

TEMPLATES = {
    "bracketed-pairs": """{% set opening = messages[0].content.strip() ~ '\\n--\\n' if messages and messages[0]['role'] == 'system' else '' %}
{% set expected = namespace(role='user', opening=opening) %}
{% for turn in messages if turn.role != 'system' %}
  {% if turn.role != expected.role %}
    {{ raise_exception('a turn of ' ~ expected.role ~ ' is due, not of ' + turn['role']) }}
  {% endif %}
  {% set expected.role = {'user': 'assistant', 'assistant': 'user'}[turn.role] %}
  {% if turn.role == 'user' %}{{ bos_token }}(Q {{ expected.opening + turn.content.strip() }} Q){% set expected.opening = '' %}
  {% else %} {{ turn['content'].strip() }} {{ eos_token }}{% endif %}
{% endfor %}""",
    "marked-roles": "{% for m in messages %}{% set line = '<role ' + m['role'] + '>\\n' + m['content'] | trim + '</role>' %}{{ bos_token + line if loop.index0 == 0 else line }}{% endfor %}{% if add_generation_prompt %}{{ '<role assistant>\\n' }}{% endif %}",
    "day-and-tools": """{{- bos_token }}
{%- set day = strftime_now("%d %b %Y") if strftime_now is defined else "some day" %}
{%- set place = tools_place if tools_place is defined else 'first' %}
{%- if tools is not defined or tools is none %}
    {%- set tools = [] %}
{%- endif %}
{#- What the system says goes first, with the day. #}
<role system>It is {{ day }}.
{%- for m in messages if m.role == 'system' %}
    {{- '\\n' ~ m.content | trim }}
{%- endfor %}
{%- if shells is defined %}
    {{- "\\n" ~ shells | reject('equalto', 'zsh') | join(", ") }}
{%- endif %}
{{- '</role>' }}
{%- set ns = namespace(shown=tools | length == 0 or place != 'first') %}
{%- for m in messages %}
    {%- if m.role == 'user' %}
        {{- '<role user>' }}
        {%- if not ns.shown %}
            {%- for tool in tools %}
                {{- tool | tojson(indent=4) ~ '\\n\\n' }}
            {%- endfor %}
            {%- set ns.shown = true %}
        {%- endif %}
        {{- (m['content'] | trim if m.content is string else m.content | tojson) + '</role>' }}
    {%- elif 'tool_calls' in m and m.tool_calls %}
        {%- for c in m.tool_calls %}
            {%- set f = c.function %}
            {{- '<use>{"tool": "' + f.name + '", "with": ' + f.arguments | tojson + '}' }}
            {%- for key, value in f.arguments | items %}
                {{- ' ' ~ key ~ '=' ~ value }}{% if not loop.last %},{% endif %}
            {%- endfor %}
        {%- endfor %}
    {%- elif m.role in ['tool', 'ipython'] %}
        {%- if m.content is mapping or m.content is iterable %}
            {{- '<got>' ~ m.content | tojson }}
        {%- else %}
            {{- '<got>' ~ m.content }}
        {%- endif %}
    {%- elif m.role != 'system' %}
        {{- '<role ' + m.role + '>' + m['content'] | trim + '</role>' }}
    {%- endif %}
{%- else %}
    {{- raise_exception("nothing was said") if tools else '(silence)' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<role assistant>' }}
{%- endif %}
""",
    "tools-before-the-last-question": """{{- bos_token }}
{%- set questions = messages | selectattr("role", "equalto", "user") | list %}
{%- set system = (messages | selectattr("role", "eq", "system") | first | default({'content': none})).content %}
{%- for m in messages %}
    {%- if m == questions[-1] and tools is defined and tools %}
        {{- "<have>" }}
        {%- for tool in tools | map(attribute='function') %}
            {{- '{' }}
            {%- for key, value in tool.items() if key != "strict" %}
                {{- '"' ~ key ~ '": ' ~ ('"' + value + '"' if value is string else value | tojson) }}
                {{- "" if loop.last else ", " }}
            {%- endfor %}
            {{- '}' if loop.last else '}; ' }}
        {%- endfor %}
        {{- "</have>" }}
    {%- endif %}
    {%- if m.role == "user" %}
        {{- "(Q " ~ (system ~ "\\n" if loop.last and system is not none else "") ~ m.content ~ " Q)" }}
    {%- elif m.role == "assistant" and m.tool_calls is defined %}
        {%- for c in m.tool_calls %}
            {%- if c.id is not defined or c.id | length < 6 %}{{ raise_exception("an id is too short") }}{% endif %}
            {%- set written = c.function | tojson %}
            {{- written[:-1] ~ ', "id": "' ~ c.id ~ '"}' ~ (eos_token if loop.last else ', ') }}
        {%- endfor %}
    {%- elif m.role == "tool" %}
        {{- '{"got": ' + m.content | string + ', "for": "' + m.tool_call_id + '"}' }}
    {%- elif m.role != "system" %}
        {{- " " + m.content | trim + eos_token }}
    {%- endif %}
{%- endfor %}
""",
    "thoughts-of-the-last-turn": """{%- if not messages %}{{ messages[0].role.upper() }}{% endif %}
{%- set state = namespace(asked=-1) %}
{%- for m in messages[::-1] %}
    {%- if state.asked < 0 and m.role == 'user' and m.content is string and not (m.content.startswith('<got>') and m.content.endswith('</got>')) %}
        {%- set state.asked = messages | length - loop.index %}
    {%- endif %}
{%- endfor %}
{%- if tools %}
    {{- '<s>system\\nCan use:' }}
    {%- for tool in tools %}{{ '\\n' ~ tool | tojson }}{% endfor %}
    {{- '<e>\\n' }}
{%- endif %}
{%- for m in messages %}
    {%- set said = m.content if m.content is string else '' %}
    {%- set thought = m.reasoning_content if m.reasoning_content is string else '' %}
    {%- if not thought and '</think>' in said %}
        {%- set thought = said.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
        {%- set said = said.split('</think>')[-1].lstrip('\\n') %}
    {%- endif %}
    {%- if m.role == 'tool' %}
        {{- '' if not loop.first and messages[loop.index0 - 1].role == 'tool' else '<s>user' }}
        {{- '\\n<got>' + said + '</got>' }}
        {{- '<e>\\n' if loop.last or messages[loop.index0 + 1].role != 'tool' }}
        {%- continue %}
    {%- endif %}
    {{- '<s>' + m.role + '\\n' }}
    {%- if thought and loop.index0 > state.asked - 3 %}
        {{- '<think>\\n' + thought.strip('\\n') + '\\n</think>\\n\\n' }}
    {%- endif %}
    {{- said }}
    {%- for c in m.tool_calls or [] %}
        {{- '\\n<use>' ~ (c.function or c).name ~ ' ' }}
        {{- c.function.arguments if c.function.arguments is string else c.function.arguments | tojson }}
        {{- '</use>' }}
    {%- endfor %}
    {{- '<e>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<s>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think></think>\\n' }}
    {%- endif %}
{%- endif %}""",
    "parts-and-line-breaks": """{{ bos_token }}
{%- for m in messages -%}
    {%- set who = 'model' if m['role'] == 'assistant' else m['role'] -%}
    {{ '<turn ' + who + '>
' }}
    {%- if m['content'] is string -%}
        {{ m['content'] | trim }}
    {%- elif m['content'] is iterable -%}
        {%- for part in m['content'] -%}
            {%- if part.type == 'text' -%}
                {{ part['text'] | trim }}
            {%- elif part.type in ('image', 'video') -%}
                {{ '<' ~ part.type ~ '>' }}
            {%- endif -%}
        {%- endfor -%}
    {%- else -%}
        {{ raise_exception("a turn without words") }}
    {%- endif -%}
    {{ '</turn>
' }}
{%- endfor -%}
{%- if add_generation_prompt -%}
    {{'<turn model>
'}}
{%- endif -%}
""",
    "one-line-of-roles": "{% for m in messages %}{% if m['role'] == 'system' %}{{'<S>' + m['content'] + '\\n'}}{% elif m['role'] == 'user' %}{{'<U>' + m['content'] + '\\n'}}{% elif m['role'] == 'assistant' %}{{'<A>' + m['content'] + '\\n'}}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<A>' }}{% else %}{{ eos_token }}{% endif %}",
    "state-across-turns": """{% set ns = namespace(calls=0, outputs=0, open=false) %}{%- for m in messages %}{%- if m['role'] == 'tool' %}{%- if not ns.open %}{{ '<outs>' }}{%- endif %}{%- set ns.open = true -%}{%- set ns.outputs = ns.outputs + 1 -%}{{ ns.outputs ~ ':' ~ m.content ~ ';' }}{%- else %}{%- if ns.open %}{{ '</outs>' }}{%- set ns.open = false -%}{%- endif %}{%- if m['role'] == 'assistant' and 'tool_calls' in m and m['content'] is none %}{%- for c in m['tool_calls'] %}{%- set ns.calls = ns.calls + 1 %}{{ c['type'] + ' ' + c['function']['name'] + '\\n' + '```json' + '\\n' + c['function']['arguments'] | tojson + '\\n' + '```' }}{%- endfor %}{%- else %}{{ '<' ~ m.role[0] | upper ~ '>' ~ m.content }}{%- endif %}{%- endif %}{%- endfor -%}{% if add_generation_prompt and not ns.open %}{{ '<A><think>\\n' ~ ns.calls }}{% endif %}""",
    "a-system-turn-by-default": "{% for m in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<s>system\\nAnswer well.<e>\\n' }}{% endif %}{{'<s>' + m['role'] + '\\n' + m['content'] + '<e>' + '\\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<s>assistant\\n' }}{% endif %}",
    "macro-of-types": """{%- macro to_type(spec, level=0) %}
{%- set names = {"string": "str", "integer": "int", "array": "list"} %}
{%- if names.get(spec.type) %}
    {{- names[spec.type] }}
{%- elif spec.type == "object" %}
    {{- "{" }}
    {%- for name, inner in spec.properties.items() | list | sort %}
        {{- name ~ ": " ~ to_type(inner, level + 1) }}
        {%- if not loop.last %}{{ ", " }}{% endif %}
    {%- endfor %}
    {{- "}" ~ level }}
{%- else %}
    {{- "Any" }}
{%- endif %}
{%- endmacro %}
{{- bos_token }}
{%- for tool in tools or [] %}
{%- if tool.function is defined %}{%- set tool = tool.function %}{%- endif %}
def {{ tool.name }}({{ to_type(tool.parameters) }}) # {{ tool.description | default("none", true) | replace('"', "'") }}
  required: {{ tool.parameters.required | default([]) | join(", ") | upper }}
{%- endfor %}
{%- for message in messages %}
{{ message.role | title }}: {{ message.content if message.content is string else message.content | map(attribute="text", default="?") | join("+") if message.content else "-" }}
    {%- for c in message.tool_calls | default([]) %}
      [{{ loop.index }}/{{ loop.length }}] {{ c.function.name }}{{ c.function.arguments | dictsort }}
    {%- endfor %}
{%- endfor %}""",
    "documents-and-filters": """{%- filter trim %}

  {% for d in documents or [] %}
<doc {{ loop.index }} of {{ loop.length }}{{ ' last' if loop.last }}>{{ d.title | lower }}: {{ d['text'] | indent(2) }}</doc>
  {% else %}
no documents
  {% endfor %}

{% endfilter %}
{% set shown | upper %}
{{ messages | length }} messages
{% endset %}
{{ shown }}{% raw %}{{ not run }}{% endraw %}
{% generation %}{{ messages | map(attribute='role') | unique | list | join('/') }}{% endgeneration %}
{% call(x) wrap('b') %}inner {{ x }}{% endcall %}
{% with a = 1, b = messages | length %}{{ a + b }}{% endwith %}""".replace(
        "{%- filter trim %}", "{%- macro wrap(tag) %}<{{ tag }}>{{ caller(tag ~ '!') }}</{{ tag }}>{% endmacro %}\n{%- filter trim %}", 1),
    "controls-of-loops": """{%- set available = [] %}
{%- for message in messages %}
    {%- if message.role == 'system' %}{% continue %}{% endif %}
    {%- if loop.index > 3 %}{{ '…' }}{% break %}{% endif %}
    {{- '<r>' + message.role + '</r>' }}
    {%- if loop.previtem is defined and loop.previtem.role == message.role %}{{ '(again)' }}{% endif %}
    {{- (message.content or '') | string | trim | length ~ (', next ' ~ loop.nextitem.role if loop.nextitem is defined else ', end') }}
    {{- loop.cycle(' odd', ' even') ~ ' ' ~ loop.changed(message.role) ~ ' ' ~ loop.revindex0 }}
{%- endfor %}
{%- if tools is defined and tools is not none and tools | length > 0 %}
{{ tools | map('tojson') | join('\\n') }}
{{ tools | tojson(separators=(',', ':'), sort_keys=true, ensure_ascii=true) }}
{{ tools | selectattr('function.name', 'in', ['time']) | map(attribute='function.name') | first }}
{%- endif %}""",
}

EXPRESSIONS = [
    "1 + 2 * 3 - 4 // 3", "7 / 2", "-7 // 2 ~ ' ' ~ -7 % 3", "2 ** 10", "1.0 + 2", "'ab' * 3", "3 * 'ab'", "1 < 2 < 3", "1 == 1.0 and true == 1", "1e3", "2.5e-7", "1e16", "123456789012345.0 * 10", "10 / 4 | round",
    "'a' if false", "missing", "none or 'x'", "not none", "[1, 'it\\'s', none, true, 1.5, {'k': [\"q\\\"\"]}]", "['\\n\\t\\\\', 'é🙂\\u200b\\x01']", "[1, 2, 3, 4][::-1]", "[1, 2, 3, 4][1:-1]", "'hello'[1:-1:2]", "'a🙂b'[1] ~ 'a🙂b'[::-1] ~ 'a🙂b' | length",
    "'a🙂b'.find('b') ~ 'a🙂b' | list | length", "{'a': {'b': 7}}.a['b']", "{'a': 1}.get('b', 2)", "{'b': 1, 'a': 2}.keys() | list", "{'b': 1, 'a': 2}.values() | list", "' x '.strip() + 'xxaxx'.strip('x')", "'abc'.startswith(('x', 'ab'))", "'abc'.endswith('bc')",
    "'a,b,c'.split(',', 1)", "' a  b '.split()", "'a-b-c'.rsplit('-', 1)", "'a=b'.partition('=') | list", "'a=b=c'.rpartition('=') | list", "'prefix-x'.removeprefix('prefix-') ~ 'x.txt'.removesuffix('.txt')", "'aXbX'.replace('X', '-', 1)", "'hello world'.title()", "'ABC'.capitalize()",
    "'ab1'.isalnum() ~ 'ab'.isalpha() ~ '12'.isdigit() ~ ' '.isspace() ~ 'AB'.isupper() ~ 'aB'.islower()", "'abcab'.rfind('b') ~ 'abcab'.count('ab') ~ 'abc'.index('c')", "', '.join(['a', 'b'])", "'a\\nb\\n'.splitlines()", "'4' | int ~ 'x' | int(7) ~ '1.5' | float ~ '3.9' | int ~ true | int",
    "['b', 'a', 'C'] | sort", "['b', 'a', 'C'] | sort(case_sensitive=true)", "[{'a': 2}, {'a': 1}] | sort(attribute='a', reverse=true)", "['a', 'A', 'b'] | unique | list", "[3, 1, 2] | min ~ ['b', 'C'] | max", "[1, 2.5] | sum ~ [{'n': 1}, {'n': 2}] | sum(attribute='n')", "2.5 | round ~ 3.14159 | round(2) ~ 2.1 | round(0, 'ceil')",
    "'<a href=\"x\">&\\'' | e", "'%s is %d %%' | format('x', 4.7)", "'%s-%s' % (1, 'b')", "'a' in 'abc' and 2 in [1, 2] and 'k' in {'k': 1}", "4 not in [1, 2]", "{'a': [1, 2.0, none], 'b': true} | tojson", "{'a': [1], 'b': [], 'c': {}} | tojson(indent=2)", "{'b': 'é', 'a': 1} | tojson(ensure_ascii=true, sort_keys=true)",
    "[1, [2, {'x': 3}]] | tojson(separators=(',', ':'))", "'a\"\\n<é>\\x7f' | tojson", "range(5, 1, -2) | list", "dict(a=1) | tojson", "[[1, 2], [3]] | map('length') | list", "[{'r': {'x': 1}}, {'r': {}}] | map(attribute='r.x', default=0) | list", "[0, 1, 2] | select | list ~ [1, 2, 3] | reject('odd') | list", "[1, 2, 3] | select('gt', 1) | list",
    "[{'r': 'u', 'n': 1}, {'r': 'a', 'n': 2}] | selectattr('r', 'equalto', 'u') | map(attribute='n') | list", "[{'r': 'u'}, {}] | rejectattr('r') | list | length", "'x' is string and 1 is number and {} is mapping and [] is sequence and 'a' is iterable and none is none", "3 is odd and 4 is even and 6 is divisibleby 3", "'A' is upper ~ 'a' is lower ~ 1 is sameas 1.0 ~ none is sameas none",
    "true is true ~ 1 is true ~ false is boolean ~ 1 is integer ~ 1.0 is float", "'a\\nb\\n\\nc' | indent(2) ~ 'a\\nb' | indent(2, true)", "'abc' | first ~ 'abc' | last ~ 'abc' | reverse", "missing | default('d') ~ '' | default('e', true)", "strftime_now('%d %b %Y, %H:%M:%S %j %A %B %y %I %p %%')", "[[1, 2], [3, 4]] | map('first') | list", "{'x': 1, 'y': 2} | items | list | length", "'a' ~ 1 ~ none ~ true", "'  x ' | trim ~ 'xax' | trim('x')",
    "[1, 2].index(2) ~ [1, 1].count(1)", "(messages | last).content", "messages[-1]['content'][:3]", "missing.x", "1 + 'a'", "'a' < 1", "1 // 0", "[] | first | default('none')", "{'items': 3}['items']", "loop is defined", "not missing", "'abc' | attr('upper') is defined", "[1, 2, 3] | join", "[none, 1] | join(',')", "'a' == 'a' == 'a'", "1 if 0 else 2 if 0 else 3", "-2 ** 2", "+1", "5 % -3 ~ -5.5 % 2", "1 / 3", "1e-5 ~ ' ' ~ 0.0001 ~ ' ' ~ 1e22",
]


def render(template, variables):
    try:
        return {"text": environment().from_string(template).render(**variables)}
    except Exception as error:  # What Jinja refuses, in whatever way, is to be refused.
        return {"refusal": type(error).__name__}


def main():
    tokens = {"bos_token": "<bos>", "eos_token": "<eos>"}
    results = [
        {"template": name, "conversation": conversation, **render(template, {**tokens, **variables})}
        for name, template in TEMPLATES.items() for conversation, variables in CONVERSATIONS.items()]
    expressions = [{"expression": expression, **render("{{ " + expression + " }}", {"messages": TURNS})} for expression in EXPRESSIONS]
    print(json.dumps({"templates": TEMPLATES, "conversations": {name: {**tokens, **variables} for name, variables in CONVERSATIONS.items()},
                      "results": results, "expressions": expressions, "expressionVariables": {"messages": TURNS}}, ensure_ascii=False, indent=1))


main()
