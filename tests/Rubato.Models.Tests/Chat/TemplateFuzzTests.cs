using System.Diagnostics;
using System.Text;
using Rubato.Core;
using Rubato.Models.Chat;

namespace Rubato.Models.Tests.Chat;

/// <summary>Any template is refused or renders within bounds; nothing else happens.</summary>
public sealed class TemplateFuzzTests
{
    /// <summary>Generous: a rendering within these limits takes milliseconds.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

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
            var clock = Stopwatch.StartNew();
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

            Assert.InRange(clock.Elapsed, TimeSpan.Zero, Bound);
        }

        Assert.InRange(refused, 20_000, int.MaxValue);
        Assert.InRange(rendered, 10_000, int.MaxValue);
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
