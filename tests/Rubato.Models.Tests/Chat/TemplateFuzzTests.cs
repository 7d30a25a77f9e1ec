using System.Text;
using Rubato.Core;
using Rubato.Models.Chat;

namespace Rubato.Models.Tests.Chat;

/// <summary>Any template is refused or renders within bounds; nothing else happens.</summary>
public sealed class TemplateFuzzTests
{
    private static readonly TemplateLimits Limits = new() { Steps = 20_000, Work = 200_000 };

    private static readonly string[] Seeds =
    [
        ChatTemplate.ChatMl,
        "{%- set ns = namespace(found=false, n=0) -%}{%- for m in messages[::-1] if m.role != 'x' -%}{%- set ns.n = ns.n + loop.index -%}{{ m.content | trim | tojson(indent=2) }}{%- endfor -%}{{ ns.n }}",
        "{% macro f(a, b=2) %}{% if a is defined and a > 0 %}{{ a ~ b }}{{ f(a - 1, b=b * 2) }}{% else %}{{ [a, b] | join(', ') }}{% endif %}{% endmacro %}\n  {% set x = f(3) %}\n{{ x.split(',')[-1] }}",
        "{% if messages[0]['role'] == 'system' and messages | length > 1 %}{{ raise_exception('no') }}{% elif not (1 in [1, 2]) %}{% else %}{{ {'a': [1, 2.5, none, true]} | tojson }}{% endif %}",
        "{% for k, v in {'a': 1, 'b': '2'}.items() %}{{ k.upper() + v | string if loop.first else '%s' * 3 }}{% continue %}{% endfor %}{{ -7 // 2 ** 3 % 5 }}",
        "{{ range(1, 9, 2) | select('odd') | map('string') | list | reverse | first }}{# note #}{% set q %}x{% endset %}{{ q is string }}{{ 'abc'[1:] }}{{ dict(a=1).get('b', 'd') }}",
        "{% filter trim | upper %} a{% raw %}{{ x }}{% endraw -%} b{% endfilter %}{% macro w(t) %}<{{ t }}>{{ caller(t) }}{% endmacro %}{% call(x) w('b') %}{{ x * 2 }}{% endcall %}{% with a = 1, b = [2] %}{{ a ~ b | sum }}{% endwith %}{% set s | replace('a', 'b') %}aa{% endset %}{{ s }}",
        "{% for m in messages %}{{ loop.cycle('a', 'b') ~ loop.changed(m.role) }}{{ '%s:%d' % (m.role, 2.5) }}{% endfor %}{{ 'a🙂b'[1:] ~ 'a=b'.partition('=') ~ 'a-b'.rsplit('-', 1) ~ [3, 1.5] | max ~ 2.345 | round(1) ~ messages | tojson(separators=(',', ':'), sort_keys=true) }}",
    ];

    private static readonly string[] Pieces =
    [
        "{{", "}}", "{%", "%}", "{#", "#}", "-", "+", "(", ")", "[", "]", "{", "}", ".", ",", ":", "|", "'", "\"", "\\", "~", "*", "**", "/", "//", "%", "<", "==", "!=", "\n", " ",
        "filter trim", "endfilter", "call", "endcall", "caller()", "with a = 1", "endwith", "raw", "endraw", "1e5", "1e400", "| sum", "| max", "| round(400)", "| format(1)", "| e", "| map(attribute='a.b')", ".rsplit('a', 1)", ".partition('a')", ".index('a')",
        "if", "elif", "else", "endif", "for", "in", "endfor", "set", "endset", "macro", "endmacro", "not", "and", "or", "is", "is not", "none", "true", "break", "continue",
        "loop", "messages", "ns", "f", "x", "0", "1", "-1", "99999999999", "9223372036854775807", "1.5", "''", "'a'", "range(9)", "namespace()", "namespace(a=ns)", "| tojson", "| length",
        "| list", "| join", "| sort", "| map('upper')", "| map(attribute='role')", "| selectattr('role')", "| int", "| float", "| abs", "| unique", "| first", "| replace('a', 'bb')",
        "| indent(3)", "| default('x')", "| dictsort", ".split('a')", ".items()", ".strip()", ".join(messages)", ".role", "[1:]", "[::-1]", "[::0]", "[-1]", "is odd", "is divisibleby 0", "\u0000", "\uD800", "é🙂",
    ];

    [Fact]
    public void Mutated_templates_are_refused_or_render_within_bounds()
    {
        var root = new Prng(41);
        var input = new ChatTemplateInput([new("system", "S"), new("user", "a,b"), new("assistant", "c\n")]);
        int refused = 0, rendered = 0;
        for (var run = 0; run < FuzzScale.Times(100_000); run++)
        {
            var random = root.Split((ulong)run);
            var template = Mutate(random);
            var bound = HostileInputBound.Start();
            try
            {
                var text = ChatTemplate.Parse(template, Limits).Render(input);
                Assert.InRange(text.Length, 0, Limits.Work);
                rendered++;
            }
            catch (InvalidFormatException error)
            {
                Assert.DoesNotContain('\n', error.Message);
                refused++;
            }

            bound.Check($"run {run}");
        }

        Assert.InRange(refused, 20_000, int.MaxValue);
        Assert.InRange(rendered, 10_000, int.MaxValue);
    }

    /// <summary>Templates that do nothing but cost, under the bounds that every template from a file has.</summary>
    [Theory]
    [InlineData("{% for i in range(100000) %}{% for j in range(100000) %}{{ i }}{% endfor %}{% endfor %}")]
    [InlineData("{% for i in range(999999999) %}{% endfor %}")]
    [InlineData("{% macro f(n) %}{{ f(n) }}{{ f(n) }}{% endmacro %}{{ f(1) }}")]
    [InlineData("{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}")]
    [InlineData("{% set ns = namespace(s='ab') %}{% for i in range(100) %}{% set ns.s = ns.s * 2 %}{% endfor %}{{ ns.s }}")]
    [InlineData("{% set ns = namespace(s='ab') %}{% for i in range(100) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}{{ ns.s }}")]
    [InlineData("{% set ns = namespace(s='ab') %}{% for i in range(100) %}{% set ns.s = ns.s | replace('a', 'aab') %}{% endfor %}{{ ns.s }}")]
    [InlineData("{% set s = 'a' * 4000000 %}{% for i in range(100000) %}{% if s.find('a' * 63 ~ 'b') %}{% endif %}{% endfor %}")]
    [InlineData("{% set s = 'a' * 4000000 %}{% for i in range(100000) %}{% if 'b' in s %}{% endif %}{% endfor %}")]
    [InlineData("{% set s = 'a' * 4000000 %}{% set t = s ~ '' %}{% for i in range(1000000) %}{% if s == t %}{% endif %}{% endfor %}")]
    [InlineData("{% set s = 'a' * 4000000 %}{% for i in range(1000000) %}{% set x = s | length %}{% set y = s[-1] %}{% endfor %}")]
    [InlineData("{% set s = ('a' * 20 ~ '🙂') * 190000 %}{% for i in range(1000000) %}{% set x = s | length %}{% set y = s[100000] %}{% endfor %}")]
    [InlineData("{% set s = ' ' * 4000000 %}{% for i in range(100000) %}{% set x = s | trim %}{% set y = s.strip() %}{% endfor %}")]
    [InlineData("{% set s = 'a ' * 2000000 %}{% for i in range(100000) %}{% set x = s.split() %}{% endfor %}")]
    [InlineData("{% set s = 'aB' * 2000000 %}{% for i in range(100000) %}{% set x = s | upper %}{% set y = s.title() %}{% endfor %}")]
    [InlineData("{% set l = range(300000) | list %}{% for i in range(100000) %}{% if 7.5 in l %}{% endif %}{% endfor %}")]
    [InlineData("{% set l = range(300000) | list %}{% for i in range(100000) %}{% set x = l | sort %}{% set y = l | unique | list %}{% endfor %}")]
    [InlineData("{% set l = range(300000) | list %}{% set m = range(300000) | list %}{% for i in range(100000) %}{% if l == m %}{% endif %}{% endfor %}")]
    [InlineData("{% set ns = namespace(l=[1]) %}{% for i in range(100) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l | tojson }}")]
    [InlineData("{% set ns = namespace(l=[1]) %}{% for i in range(100) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l }}")]
    [InlineData("{% set ns = namespace(l=[1]) %}{% for i in range(100) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l == [ns.l[0], ns.l[1]] }}")]
    [InlineData("{% set ns = namespace(l=[1]) %}{% for i in range(100) %}{% set ns.l = ns.l + ns.l %}{% endfor %}{{ ns.l | length }}")]
    [InlineData("{{ '%999999999d' % 5 }}")]
    [InlineData("{{ 9 ** 9 ** 9 }}")]
    [InlineData("{{ ('%s' * 1000) | format('a' * 100000) }}")]
    [InlineData("{{ 'a' | indent(999999999) }}")]
    [InlineData("{{ 'a' | center(999999999) }}")]
    [InlineData("{{ [1] | batch(999999999, 0) | list }}")]
    [InlineData("{{ [1] * 999999999 }}")]
    [InlineData("{{ ['a'] | join('b' * 30000000) }}")]
    [InlineData("{{ [1, 2] | tojson(indent=999999999) }}")]
    [InlineData("{% set x %}{% for i in range(1999000) %}{% endfor %}{% endset %}{{ x }}")]
    [InlineData("{% for i in range(660000) %}{% set x = {} %}{% endfor %}")]
    [InlineData("{% for i in range(400000) %}{% set x = namespace(a=1, b=2) %}{% endfor %}")]
    [InlineData("{% set s = 'a\n' * 2000000 %}{% for i in range(100000) %}{% set x = s.splitlines() %}{% set y = s | indent %}{% endfor %}")]
    public void Templates_that_only_cost_end_within_bounds(string template)
    {
        var input = new ChatTemplateInput([new("system", "S"), new("user", "a,b"), new("assistant", "c\n")]);
        var bound = HostileInputBound.Start();
        try
        {
            Assert.InRange(ChatTemplate.Parse(template).Render(input).Length, 0, TemplateLimits.Default.Work);
        }
        catch (InvalidFormatException error)
        {
            Assert.DoesNotContain('\n', error.Message);
        }

        bound.Check(template);
    }

    /// <summary>Sources at the bound of their length, of the shapes that a parser could stumble over.</summary>
    [Theory]
    [InlineData("(")]
    [InlineData("[")]
    [InlineData("-")]
    [InlineData("not ")]
    [InlineData("a.")]
    [InlineData("a[")]
    [InlineData("1+")]
    [InlineData("a|b|")]
    [InlineData("'")]
    public void Sources_of_one_kind_are_parsed_within_bounds(string unit)
    {
        foreach (var template in new[] { "{{ " + Repeat(unit) + " }}", Repeat("{{ " + unit), Repeat("{% if " + unit + " %}"), Repeat("{%" + unit), Repeat("{#" + unit), Repeat(unit + "\n") })
        {
            var bound = HostileInputBound.Start();
            try
            {
                ChatTemplate.Parse(template);
            }
            catch (InvalidFormatException error)
            {
                Assert.DoesNotContain('\n', error.Message);
            }

            bound.Check($"{unit}, {template[..9]}");
        }

        string Repeat(string part) => string.Concat(Enumerable.Repeat(part, (TemplateLimits.Default.SourceCharacters - 9) / part.Length));
    }

    private static string Mutate(Prng random)
    {
        var text = new StringBuilder(Seeds[random.NextInt32(Seeds.Length)]);
        for (var i = random.NextInt32(1, 3); i > 0; i--)
        {
            var at = random.NextInt32(text.Length + 1);
            var length = Math.Min(random.NextInt32(12), text.Length - at);
            switch (random.NextInt32(6))
            {
                case 0:
                    text.Remove(at, length);
                    break;
                case 1:
                    text.Insert(at, text.ToString(at, length));
                    break;
                case 2:
                    text.Remove(at, Math.Min(length, 1)).Insert(at, (char)random.NextInt32(0, 127));
                    break;
                default:
                    text.Insert(at, Pieces[random.NextInt32(Pieces.Length)]);
                    break;
            }
        }

        return text.ToString();
    }
}
