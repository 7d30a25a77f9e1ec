namespace Rubato.Models.Tokenizers;

/// <summary>The kind of a token, with the numbers that GGUF's <c>tokenizer.ggml.token_type</c> uses.</summary>
public enum TokenType
{
    /// <summary>Not stated.</summary>
    Undefined = 0,

    /// <summary>Plain text.</summary>
    Normal = 1,

    /// <summary>Stands for text that the vocabulary cannot spell.</summary>
    Unknown = 2,

    /// <summary>Controls the model (begin of text, end of turn); part of no text.</summary>
    Control = 3,

    /// <summary>Text added by the model's maker, matched before any merging.</summary>
    UserDefined = 4,

    /// <summary>Reserved; never produced.</summary>
    Unused = 5,

    /// <summary>One byte, spelled <c>&lt;0xNN&gt;</c>.</summary>
    Byte = 6,
}
