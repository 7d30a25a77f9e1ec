using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Models.Chat;

namespace Rubato.Models.Tests.Chat;

/// <summary>Expressions and statements against what Jinja 3 prints for them.</summary>
public sealed class TemplateExpressionTests
{
    [Theory]
    [InlineData("1 + 2 * 3 - 4 // 3", "6")]
    [InlineData("7 / 2", "3.5")]
    [InlineData("-7 // 2 ~ ' ' ~ -7 % 3", "-4 2")]
    [InlineData("2 ** 10", "1024")]
    [InlineData("1.0 + 2", "3.0")]
    [InlineData("'a' + 'b' ~ 1", "ab1")]
    [InlineData("'ab' * 3", "ababab")]
    [InlineData("\"a\\n\\t\\\\\\'\\x41\\u0042\\q\"", "a\n\t\\'AB\\q")]
    [InlineData("'a' 'b'", "ab")]
    [InlineData("1 < 2 < 3", "True")]
    [InlineData("3 > 2 > 2", "False")]
    [InlineData("1 == 1.0 and true == 1", "True")]
    [InlineData("'a' < 'b' and not 'b' in 'xyz'", "True")]
    [InlineData("'y' in 'xyz' and 2 in [1, 2] and 'k' in {'k': 1}", "True")]
    [InlineData("4 not in [1, 2]", "True")]
    [InlineData("none or 'x'", "x")]
    [InlineData("'' and 'x'", "")]
    [InlineData("not none", "True")]
    [InlineData("'a' if false else 'b'", "b")]
    [InlineData("'a' if false", "")]
    [InlineData("missing", "")]
    [InlineData("missing is defined or missing is undefined", "True")]
    [InlineData("none is none and 'x' is string and {} is mapping and [] is sequence", "True")]
    [InlineData("3 is odd and 4 is even and 6 is divisibleby 3 and 3 is not even", "True")]
    [InlineData("1 is number and true is boolean and 1.5 is float and 1 is integer", "True")]
    [InlineData("2 is in [1, 2] and 'a' is eq 'a' and 1 is lt(2)", "True")]
    [InlineData("not missing is defined", "True")]
    [InlineData("[1, 'a', none, true, 1.5, {'k': [2]}]", "[1, 'a', None, True, 1.5, {'k': [2]}]")]
    [InlineData("(1, 2) ~ (1,) ~ ()", "(1, 2)(1,)()")]
    [InlineData("[1, 2, 3, 4][1:]", "[2, 3, 4]")]
    [InlineData("[1, 2, 3, 4][:-1]", "[1, 2, 3]")]
    [InlineData("[1, 2, 3, 4][::-1]", "[4, 3, 2, 1]")]
    [InlineData("[1, 2, 3, 4][-1]", "4")]
    [InlineData("'hello'[1:-1:2] ~ 'hello'[-1]", "elo")]
    [InlineData("[1][5] is defined", "False")]
    [InlineData("{'a': {'b': 7}}.a['b']", "7")]
    [InlineData("{'a': 1}.get('b', 2) ~ {'a': 1}.get('a')", "21")]
    [InlineData("{'a': 1, 'b': 2}.items() | list", "[('a', 1), ('b', 2)]")]
    [InlineData("' x '.strip() + 'xxaxx'.strip('x') + 'ab'.lstrip('a') + 'ab'.rstrip('b')", "xaba")]
    [InlineData("'abc'.startswith('ab') and 'abc'.endswith(('x', 'c'))", "True")]
    [InlineData("'a,b,c'.split(',')", "['a', 'b', 'c']")]
    [InlineData("'a,b,c'.split(',', 1)[-1]", "b,c")]
    [InlineData("' a  b '.split()", "['a', 'b']")]
    [InlineData("'</think>x</think>y'.split('</think>')[-1]", "y")]
    [InlineData("'aXbX'.replace('X', '-') ~ 'aXbX'.replace('X', '-', 1)", "a-b-a-bX")]
    [InlineData("'hello world'.title() ~ 'ABC'.capitalize() ~ 'a'.upper() ~ 'B'.lower()", "Hello WorldAbcAb")]
    [InlineData("'abcab'.find('c') ~ 'abcab'.rfind('b') ~ 'abcab'.count('ab')", "242")]
    [InlineData("', '.join(['a', 'b'])", "a, b")]
    [InlineData("' a ' | trim | upper", "A")]
    [InlineData("-3 | abs ~ '4' | int ~ 'x' | int(7) ~ '1.5' | float", "3471.5")]
    [InlineData("[1, 2] | length ~ 'abc' | count", "23")]
    [InlineData("['a', 'b'] | join('-') ~ [1, 2] | first ~ [1, 2] | last", "a-b12")]
    [InlineData("missing | default('d') ~ '' | default('e') ~ '' | d('f', true)", "df")]
    [InlineData("'a\"\\n<é>' | tojson", "\"a\\\"\\n<é>\"")]
    [InlineData("{'a': [1, 2.0, none], 'b': true} | tojson", "{\"a\": [1, 2.0, null], \"b\": true}")]
    [InlineData("{'a': [1], 'b': []} | tojson(indent=2)", "{\n  \"a\": [\n    1\n  ],\n  \"b\": []\n}")]
    [InlineData("[{'r': 'u', 'n': 1}, {'r': 'a', 'n': 2}] | selectattr('r', 'equalto', 'u') | map(attribute='n') | list", "[1]")]
    [InlineData("[{'r': 'u'}, {}] | rejectattr('r') | list | length", "1")]
    [InlineData("[0, 1, 2] | select | list ~ [1, 2, 3] | reject('odd') | list", "[1, 2][2]")]
    [InlineData("['b', 'a'] | map('upper') | sort | list", "['A', 'B']")]
    [InlineData("[3, 1, 2] | sort(reverse=true) ~ [1, 1, 2] | unique | list", "[3, 2, 1][1, 2]")]
    [InlineData("{'b': 1, 'a': 2} | dictsort ~ {'x': 1} | items | list", "[('a', 2), ('b', 1)][('x', 1)]")]
    [InlineData("[1, 2] | reverse | list ~ 'ab' | reverse", "[2, 1]ba")]
    [InlineData("'a\\nb' | indent(2)", "a\n  b")]
    [InlineData("range(3) | list ~ range(5, 1, -2) | list", "[0, 1, 2][5, 3]")]
    [InlineData("dict(a=1)['a']", "1")]
    [InlineData("strftime_now('%d %b %Y, %H:%M %j %%')", "05 Mar 2024, 07:08 065 %")]
    [InlineData("extra + 1", "42")]
    public void Expression_prints(string expression, string expected) => Assert.Equal(expected, Render("{{ " + expression + " }}"));

    [Theory]
    [InlineData("{% for i in [1, 2, 3] %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.first }}{{ loop.last }}{{ loop.length }};{% endfor %}", "103TrueFalse3;212FalseFalse3;321FalseTrue3;")]
    [InlineData("{% for i in [] %}x{% else %}none{% endfor %}", "none")]
    [InlineData("{% for i in [1, 2, 3, 4] if i is even %}{{ i }}{{ loop.last }} {% endfor %}", "2False 4True ")]
    [InlineData("{% for k, v in {'a': 1, 'b': 2}.items() %}{{ k }}{{ v }}{% endfor %}", "a1b2")]
    [InlineData("{% for i in range(9) %}{% if i == 1 %}{% continue %}{% elif i == 3 %}{% break %}{% endif %}{{ i }}{% endfor %}", "02")]
    [InlineData("{% for i in [1, 2] %}{{ loop.previtem }}{{ loop.nextitem }}|{% endfor %}", "2|1|")]
    [InlineData("{% set x = 1 %}{% for i in [1] %}{% set x = 2 %}{% endfor %}{{ x }}", "1")]
    [InlineData("{% set ns = namespace(x=1) %}{% for i in [1] %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x }}", "2")]
    [InlineData("{% set a, b = 1, 2 %}{{ a }}{{ b }}", "12")]
    [InlineData("{% set x %}a{{ 1 }}b{% endset %}{{ x }}", "a1b")]
    [InlineData("{% macro m(a, b='d') %}<{{ a }}{{ b }}>{% endmacro %}{{ m(1) }}{{ m(1, 2) }}{{ m(b=3, a=4) }}", "<1d><12><43>")]
    [InlineData("{% macro f(n) %}{% if n > 0 %}{{ n }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(3) }}", "321")]
    [InlineData("{% generation %}a{% endgeneration %}", "a")]
    [InlineData("a{# no {{ 1 }} #}b", "ab")]
    [InlineData("{{ '%}' }}{{ '}}' }}{{ {'a': {'b': 1}}['a'] }}", "%}}}{'b': 1}")]
    [InlineData("{% if false %}a{% elif none %}b{% elif 1 %}c{% else %}d{% endif %}", "c")]
    public void Statement_renders(string template, string expected) => Assert.Equal(expected, Render(template));

    [Theory]
    [InlineData("a\n", "a")]
    [InlineData("a\n\n", "a\n")]
    [InlineData("{% if true %}\nx\n{% endif %}\ny", "x\ny")]
    [InlineData("  {% if true %}  x  {% endif %}  y", "  x    y")]
    [InlineData("a\n   {% if true %}\nb\n   {% endif %}\nc", "a\nb\nc")]
    [InlineData("a  {%- if true -%}  b  {%- endif -%}  c", "abc")]
    [InlineData("a {{- ' x ' -}} b", "a x b")]
    [InlineData("{{ 1 }}\n{{ 2 }}", "1\n2")]
    [InlineData("  {%+ if true %}x{% endif %}", "  x")]
    [InlineData("{% if true +%}\nx{% endif %}", "\nx")]
    [InlineData("  {# c #}\nx", "x")]
    [InlineData("a {#- c -#} b", "ab")]
    [InlineData("x {% if true %}y{% endif %}", "x y")]
    [InlineData("{% if true %}\n  {{ 1 }}\n{% endif %}", "  1\n")]
    [InlineData("{% if true %}\n  {% if true %}x{% endif %}\n{% endif %}", "x")]
    [InlineData("a\r\n{% if true %}\r\nb{% endif %}", "a\nb")]
    public void White_space_is_kept_or_stripped(string template, string expected) => Assert.Equal(expected, Render(template));

    [Theory]
    [InlineData("{{ 1 +", "1:1: tag without an end")]
    [InlineData("x\n{{ 1 + }}", "2:8: expected an expression")]
    [InlineData("{% if x %}", "1:11: block without an end; expected elif or else or endif")]
    [InlineData("{% for x in y %}{% endif %}", "block without an end; expected else or endfor")]
    [InlineData("{% endif %}", "\"endif\" without its start")]
    [InlineData("{% include 'a' %}", "the statement \"include\" is not supported")]
    [InlineData("{{ 'a }}", "1:4: string without an end")]
    [InlineData("{# a", "comment without an end")]
    [InlineData("{{ a ? b }}", "unexpected character \"?\"")]
    [InlineData("{{ 1 2 }}", "expected \"}}\", found \"2\"")]
    [InlineData("{{ 99999999999999999999 }}", "integer outside 64 bits")]
    [InlineData("{{ 9223372036854775807 + 1 }}", "integer outside 64 bits")]
    [InlineData("{{ 1 // 0 }}", "division by zero")]
    [InlineData("{{ 1 % 0 }}", "division by zero")]
    [InlineData("{{ missing.x }}", "1:11: \"missing\" is undefined")]
    [InlineData("{{ missing() }}", "\"missing\" cannot be called")]
    [InlineData("{{ 'a' + 1 }}", "a string + an integer has no meaning")]
    [InlineData("{{ 'a' < 1 }}", "a string and an integer have no order")]
    [InlineData("{{ 1 | frobnicate }}", "the filter \"frobnicate\" is not supported")]
    [InlineData("{{ 1 is frobnicated }}", "the test \"frobnicated\" is not supported")]
    [InlineData("{% for x in 1 %}{% endfor %}", "an integer cannot be looped over")]
    [InlineData("{% set a.b = 1 %}", "\"a\" is not a namespace")]
    [InlineData("{% break %}", "break or continue outside a loop")]
    [InlineData("{{ raise_exception('no\nway') }}", "refuses the conversation: no way")]
    [InlineData("{{ strftime_now('%Q') }}", "date directive \"%Q\"")]
    [InlineData("{{ 'a'.split('') }}", "separator that is not empty")]
    public void Faults_are_one_line_with_a_place(string template, string expected)
    {
        var error = Assert.Throws<InvalidFormatException>(() => Render(template));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.StartsWith("Chat template ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Work_depth_and_size_are_bounded()
    {
        string[] templates =
        [
            new('(', 100_000), "{{ " + new string('(', 100_000), "{{ " + new string('[', 100_000), "{{ " + string.Concat(Enumerable.Repeat("not ", 50_000)) + "1 }}",
            "{{ " + string.Concat(Enumerable.Repeat("1+", 100_000)) + "1 }}", "{{ " + string.Concat(Enumerable.Repeat("-", 100_000)) + "1 }}",
            "{{ a" + string.Concat(Enumerable.Repeat(".a", 100_000)) + " }}", string.Concat(Enumerable.Repeat("{% if 1 %}", 20_000)),
            "{{ " + string.Concat(Enumerable.Repeat("1 if 1 else ", 20_000)) + "1 }}",
            "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
            "{% set ns = namespace(x='aaaaaaaa') %}{% for i in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
            "{% set ns = namespace(x=[1]) %}{% for i in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
            "{% set ns = namespace(x=[]) %}{% for i in range(999) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}",
            "{% set ns = namespace(x=[]) %}{% for i in range(999) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x | tojson }}",
            "{% set ns = namespace(x=[]) %}{% for i in range(999) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x == ns.x[0] }}",
            "{% for i in range(99999999) %}{% endfor %}", "{% for i in range(9999) %}{% for j in range(9999) %}x{% endfor %}{% endfor %}",
            "{{ 'a' * 999999999999 }}", "{{ ('a' * 1000000) in ('a' * 2000000) }}", "{{ ('a' * 9999999).split('a') }}", "{{ 99999999999 * 'aaa' }}", "{% filter upper %}{{ 'a' * 40000000 }}{% endfilter %}", "{% macro f(n) %}{{ caller(n) }}{% endmacro %}{% macro g(n) %}{% call(m) f(n) %}{{ g(m) }}{% endcall %}{% endmacro %}{{ g(1) }}",
            new('x', 300_000),
        ];
        foreach (var template in templates.Skip(1))
        {
            Assert.Throws<InvalidFormatException>(() => Render(template));
        }

        Assert.Equal(templates[0], Render(templates[0]));
    }

    private static string Render(string template) => ChatTemplate.Parse(template).Render(new([new("user", "hi")])
    {
        Now = new(2024, 3, 5, 7, 8, 9, TimeSpan.Zero),
        Variables = ImmutableDictionary<string, object?>.Empty.Add("extra", 41),
    });
}
