using CsCheck;
using Rubato.Core;
using Rubato.Models.Chat;
using Rubato.Models.Tests.Tokenizers;
using Rubato.Models.Tokenizers;

namespace Rubato.Models.Tests.Chat;

/// <summary>Control tokens come from the template, whatever messages spell and whatever the template does with them.</summary>
public sealed class ChatPromptTokenizerTests
{
    private const string Think = "</think>";

    /// <summary>Templates that treat messages in ways that real ones do.</summary>
    private static readonly string[] Templates =
    [
        ChatTemplate.ChatMl,
        Turns("message.content | trim"),
        Turns("message.content | lower"),
        Turns("message.content | upper"),
        Turns("message.content.replace('<think>', '').replace('x', '')"), // What it removes may join the rest to a control token.
        Turns("message.content.split('</think>')[-1].lstrip()"),
        Turns("message.content | tojson"),
        Turns("message.content[1:9]"),
        Turns("message.content | list | reverse | join('')"),
        "{{ eos_token }}{% for message in messages %}{{ '<|' + message.role + '|>' + message.content }}{% endfor %}<|im_start|>",
        "{% for message in messages %}[{{ message.content }}|im_end|>{{ message.content }}]{% endfor %}<|pad|>", // Text that wants to be completed.
    ];

    private static readonly Tokenizer ByteLevel = Tokenizer.From(
        BpeTrainer.Train([TestVocabularies.Sample, TestVocabularies.Sample], new() { VocabularySize = 500, ExtraSpecialTokens = ["<|user|>", "¤"] }));

    private static readonly Tokenizer SentencePiece = Tokenizer.From(TestVocabularies.Scored(seed: 3, ties: false));

    private static readonly string[] Fragments =
    [
        "<|im_end|>", "<|im_start|>", "<|endoftext|>", "<|pad|>", "<|user|>", "¤", "<s>", "</s>", "<unk>", "<|IM_END|>", ">|dne_mi|<",
        "<", "<|", "|", "|>", "<|im_", "im_end|>", "|im_end|>", "_end|>", "<think>", Think, "x", "system", "\n", " ", "hello", "🙂", "\uE000", "\uE001", "\uF8FF",
    ];

    private static readonly Gen<string> HostileText = Gen.Int[0, Fragments.Length - 1].Select(i => Fragments[i]).Array[0, 9].Select(string.Concat);

    private static readonly Gen<string[]> HostileTexts = HostileText.Array[1, 4];

    [Fact]
    public void Messages_change_neither_number_nor_order_of_the_control_tokens()
    {
        foreach (var tokenizer in new[] { ByteLevel, SentencePiece })
        {
            foreach (var template in Templates)
            {
                var chat = Chat(tokenizer, template);
                HostileTexts.Sample(
                    texts =>
                    {
                        var benign = Conversation([.. texts.Select(_ => "some words")]);
                        Assert.Equal(Controls(tokenizer, Encode(chat, benign)), Controls(tokenizer, Encode(chat, Conversation(texts))));
                    },
                    iter: FuzzScale.Times(300), threads: 1);
            }
        }
    }

    [Fact]
    public void What_messages_say_arrives_byte_for_byte()
    {
        var chat = Chat(ByteLevel, ChatTemplate.ChatMl);
        HostileTexts.Sample(
            texts =>
            {
                var messages = Conversation(texts);
                var expected = string.Concat(messages.Select(message => $"{message.Role}\n{message.Content}\n")) + "assistant\n";
                Assert.Equal(expected, ByteLevel.Decode(Encode(chat, messages)));
                Assert.Equal(ChatTemplate.Parse(ChatTemplate.ChatMl).Render(new([.. messages])), chat.Render(messages).Text);
            },
            iter: FuzzScale.Times(1000), threads: 1);
    }

    [Fact]
    public void Text_without_control_tokens_gives_the_ids_of_the_whole_prompt()
    {
        var random = new Prng(5);
        foreach (var tokenizer in new[] { ByteLevel, SentencePiece })
        {
            foreach (var template in Templates[..^1]) // Not the one that completes a "<" of the message.
            {
                var chat = Chat(tokenizer, template);
                var render = ChatTemplate.Parse(template).RendererFor(tokenizer);
                for (var trial = 0; trial < FuzzScale.Times(60); trial++)
                {
                    // Random text may spell a control token, the one-character one above all.
                    var texts = Enumerable.Range(0, 3).Select(_ => RandomText.Next(random)
                        .Replace("<|im_end|>", Think, StringComparison.Ordinal).Replace("¤", "$", StringComparison.Ordinal));
                    var messages = Conversation([.. texts]);
                    Assert.Equal(tokenizer.Encode(render(messages), addSpecial: false, parseSpecial: true), Encode(chat, messages));
                }
            }
        }
    }

    [Fact]
    public void A_template_still_sees_what_it_looks_for_beside_a_spelled_control_token()
    {
        var chat = Chat(ByteLevel, Turns("message.content.split('</think>')[-1]"));
        Assert.EndsWith("\nanswer <|im_end|><|im_end|>\n", chat.Render(Conversation("thoughts</think>answer <|im_end|>")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_conversation_that_uses_up_the_private_characters_is_refused()
    {
        var all = new string([.. Enumerable.Range(0xE000, 0xF900 - 0xE000).Select(unit => (char)unit)]);
        var chat = Chat(ByteLevel, ChatTemplate.ChatMl);
        Assert.NotEmpty(Encode(chat, Conversation(all)));
        Assert.Contains("private-use", Assert.Throws<InvalidFormatException>(() => chat.Render(Conversation(all + "<"))).Message, StringComparison.Ordinal);
        Assert.NotEmpty(Encode(chat, Conversation(all[9..] + "<|im_end|>")));
    }

    private static string Turns(string content) =>
        "{% for message in messages %}{{ '<|im_start|>' + message.role + '\\n' }}{{ " + content + " }}{{ '<|im_end|>\\n' }}{% endfor %}";

    private static ChatPromptTokenizer Chat(Tokenizer tokenizer, string template) =>
        new(tokenizer, ChatTemplate.Parse(template).RendererFor(tokenizer));

    private static ChatMessage[] Conversation(params string[] texts) =>
        [.. texts.Select((text, turn) => new ChatMessage(turn % 2 == 0 ? "user" : "assistant", text))];

    private static int[] Encode(ChatPromptTokenizer chat, ChatMessage[] messages) => chat.Encode(chat.Render(messages));

    private static int[] Controls(Tokenizer tokenizer, int[] tokens) => [.. tokens.Where(tokenizer.IsSpecial)];
}
