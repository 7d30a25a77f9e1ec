using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Models.Chat;

namespace Rubato.Models.Tests.Chat;

/// <summary>Whole templates in the style of published ones, written for this test; the renderings are the formats those models read.</summary>
public sealed class ChatTemplateTests
{
    private const string ChatMlWithDefaultSystem = """
        {%- if messages[0]['role'] != 'system' -%}
            {{- '<|im_start|>system\nYou are helpful.<|im_end|>\n' -}}
        {%- endif -%}
        {%- for m in messages -%}
            {{- '<|im_start|>' ~ m.role ~ '\n' ~ m.content ~ '<|im_end|>\n' -}}
        {%- endfor -%}
        {%- if add_generation_prompt -%}
            {{- '<|im_start|>assistant\n' -}}
        {%- endif -%}
        """;

    private const string Llama3Style = """
        {% set loop_messages = messages %}
        {% for message in loop_messages %}
            {% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n' + message['content'] | trim + '<|eot_id|>' %}
            {% if loop.first %}
                {% set content = bos_token + content %}
            {% endif %}
            {{- content -}}
        {% endfor %}
        {% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}
        """;

    private const string MistralStyle = """
        {%- if messages[0].role == "system" %}
            {%- set system = messages[0].content %}
            {%- set rest = messages[1:] %}
        {%- else %}
            {%- set rest = messages %}
        {%- endif %}
        {{- bos_token }}
        {%- for message in rest %}
            {%- if (message.role == 'user') != (loop.index0 % 2 == 0) %}
                {{- raise_exception('Turns must alternate.') }}
            {%- endif %}
            {%- if message.role == 'user' %}
                {%- if loop.first and system is defined %}
                    {{- '[INST] ' + system + '\n\n' + message.content + ' [/INST]' }}
                {%- else %}
                    {{- '[INST] ' + message.content + ' [/INST]' }}
                {%- endif %}
            {%- else %}
                {{- ' ' + message.content + eos_token }}
            {%- endif %}
        {%- endfor %}
        """;

    private const string GemmaStyle = """
        {{ bos_token }}
        {%- if messages[0]['role'] == 'system' %}{{ raise_exception('No system turns here') }}{% endif %}
        {%- for message in messages %}
            {%- set role = 'model' if message.role == 'assistant' else message.role %}
            {{- '<start_of_turn>' ~ role ~ '\n' ~ (message.content | trim) ~ '<end_of_turn>\n' }}
        {%- endfor %}
        {%- if add_generation_prompt %}
            {{- '<start_of_turn>model\n' }}
        {%- endif %}
        """;

    private const string ZephyrStyle = """
        {% for message in messages %}
        {% if message['role'] == 'user' %}
        {{ '<|user|>\n' + message['content'] + eos_token }}
        {% elif message['role'] == 'system' %}
        {{ '<|system|>\n' + message['content'] + eos_token }}
        {% elif message['role'] == 'assistant' %}
        {{ '<|assistant|>\n'  + message['content'] + eos_token }}
        {% endif %}
        {% if loop.last and add_generation_prompt %}
        {{ '<|assistant|>' }}
        {% endif %}
        {% endfor %}
        """;

    private static readonly ImmutableArray<ChatMessage> Talk = [new("user", " Hi "), new("assistant", "Hello."), new("user", "Bye")];

    [Fact]
    public void ChatMl() => Assert.Equal(
        "<|im_start|>user\n Hi <|im_end|>\n<|im_start|>assistant\nHello.<|im_end|>\n<|im_start|>user\nBye<|im_end|>\n<|im_start|>assistant\n",
        Render(ChatTemplate.ChatMl, Talk));

    [Fact]
    public void ChatMl_with_default_system_turn()
    {
        Assert.Equal(
            "<|im_start|>system\nYou are helpful.<|im_end|>\n<|im_start|>user\nBye<|im_end|>\n",
            Render(ChatMlWithDefaultSystem, [new("user", "Bye")], prompt: false));
        Assert.Equal(
            "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nBye<|im_end|>\n<|im_start|>assistant\n",
            Render(ChatMlWithDefaultSystem, [new("system", "Be brief."), new("user", "Bye")]));
    }

    [Fact]
    public void Llama_3() => Assert.Equal(
        "<s><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nHello.<|eot_id|>"
        + "<|start_header_id|>user<|end_header_id|>\n\nBye<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
        Render(Llama3Style, Talk));

    [Fact]
    public void Mistral()
    {
        Assert.Equal("<s>[INST]  Hi  [/INST] Hello.</s>[INST] Bye [/INST]", Render(MistralStyle, Talk));
        Assert.Equal("<s>[INST] Be brief.\n\nBye [/INST]", Render(MistralStyle, [new("system", "Be brief."), new("user", "Bye")]));
        var error = Assert.Throws<InvalidFormatException>(() => Render(MistralStyle, [new("user", "a"), new("user", "b")]));
        Assert.Contains("Turns must alternate.", error.Message, StringComparison.Ordinal);
        Assert.StartsWith("Chat template 10:", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Gemma()
    {
        Assert.Equal(
            "<s><start_of_turn>user\nHi<end_of_turn>\n<start_of_turn>model\nHello.<end_of_turn>\n<start_of_turn>user\nBye<end_of_turn>\n<start_of_turn>model\n",
            Render(GemmaStyle, Talk));
        Assert.Throws<InvalidFormatException>(() => Render(GemmaStyle, [new("system", "x")]));
    }

    [Fact]
    public void Zephyr() => Assert.Equal(
        "<|system|>\nBe brief.</s>\n<|user|>\nBye</s>\n<|assistant|>\n", Render(ZephyrStyle, [new("system", "Be brief."), new("user", "Bye")]));

    [Fact]
    public void Render_keeps_user_text_as_it_is()
    {
        var root = new Prng(31);
        for (var i = 0; i < 2_000; i++)
        {
            var content = RandomText.Next(root.Split((ulong)i), broken: true) + "{{ messages }}{% if %}";
            Assert.Equal($"<|im_start|>user\n{content}<|im_end|>\n", Render(ChatTemplate.ChatMl, [new("user", content)], prompt: false));
        }
    }

    private static string Render(string template, ImmutableArray<ChatMessage> messages, bool prompt = true) =>
        ChatTemplate.Parse(template).Render(new(messages) { AddGenerationPrompt = prompt, BeginOfText = "<s>", EndOfText = "</s>" });
}
