using Rubato.Models.Chat;
using Rubato.Models.Corpora;
using Rubato.Torch.Data;

namespace Rubato.Torch.Tests.Data;

public sealed class ChatMarkupTests
{
    [Fact]
    public void Spells_the_turns_and_counts_the_answers_alone()
    {
        var example = new ChatExample([new("user", "quick?"), new("assistant", "brown fox"), new("user", "lazy"), new("assistant", "dog")]);
        var packed = ChatMarkup.Pack([example, example], Small.Tokenizer);
        const string One = "<|im_start|>user\nquick?<|im_end|>\n<|im_start|>assistant\nbrown fox<|im_end|>\n"
            + "<|im_start|>user\nlazy<|im_end|>\n<|im_start|>assistant\ndog<|im_end|>\n<|endoftext|>";
        Assert.Equal("<|endoftext|>" + One + One, Spelled(packed.Tokens.Select((token, i) => (token, counts: true))));
        Assert.Equal(
            "brown fox<|im_end|>dog<|im_end|>brown fox<|im_end|>dog<|im_end|>",
            Spelled(packed.Tokens.Select((token, i) => (token, counts: packed.Counted[i]))));
    }

    [Fact]
    public void Spells_a_conversation_as_the_template_renders_it()
    {
        var messages = new ChatExample([new("user", "A journey?"), new("assistant", "a single step"), new("user", "x"), new("assistant", "y")]);
        var rendered = ChatTemplate.Parse(ChatTemplate.ChatMl).Render(new(messages.Messages) { AddGenerationPrompt = false });
        var expected = Small.Tokenizer.Encode(rendered, addSpecial: false, parseSpecial: true);
        Assert.Equal(expected, ChatMarkup.Pack([messages], Small.Tokenizer).Tokens[1..^1]);
    }

    [Fact]
    public void The_prompt_of_a_generation_is_spelled_as_in_training()
    {
        var packed = ChatMarkup.Pack([new([new("user", "lazy"), new("assistant", "dog")])], Small.Tokenizer);
        var rendered = ChatTemplate.Parse(ChatTemplate.ChatMl).Render(new([new("user", "lazy")]));
        var prompt = Small.Tokenizer.Encode(rendered, addSpecial: false, parseSpecial: true);
        Assert.Equal(prompt, packed.Tokens.Skip(1).Take(prompt.Length));
        Assert.True(packed.Counted[1 + prompt.Length]);
    }

    private static string Spelled(IEnumerable<(int Token, bool Counts)> tokens)
    {
        var text = new System.Text.StringBuilder();
        foreach (var (token, _) in tokens.Where(token => token.Counts))
        {
            _ = text.Append(Small.Tokenizer.IsSpecial(token) ? Small.Tokenizer.TokenText(token) : Small.Tokenizer.Decode([token]));
        }

        return text.ToString();
    }
}
