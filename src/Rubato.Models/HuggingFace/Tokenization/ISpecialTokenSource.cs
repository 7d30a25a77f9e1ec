namespace Rubato.Models.HuggingFace.Tokenization;

/// <summary>A tokenizer's own file, as far as special tokens go.</summary>
internal interface ISpecialTokenSource
{
    /// <summary>The begin-of-text token that the file states, if it does.</summary>
    int? Begin { get; }

    /// <summary>The end-of-text token that the file states, if it does.</summary>
    int? End { get; }

    /// <summary>The token for text that cannot be spelled, if the file states one.</summary>
    int? Unknown { get; }

    /// <summary>The token that fills batches up, if the file states one.</summary>
    int? Padding { get; }

    /// <summary>The id of the token with the spelling; null when there is none.</summary>
    int? Find(string spelling);

    /// <summary>Whether the tokens stand before and after a text, where no other file says so.</summary>
    (bool Begins, bool Ends) Surrounds(int? begin, int? end);
}
