namespace Rubato.Serving.Fairness;

/// <summary>One of those among whom service is shared, known by name: a client, or a user of one.</summary>
internal abstract class Member(string name)
{
    public string Name { get; } = name;

    /// <summary>Requests of it that have not ended.</summary>
    public int Live { get; set; }

    /// <summary>Its place among the live members of its directory; meaningless when it has no live request.</summary>
    public int LiveIndex { get; set; }

    /// <summary>Its neighbours among the idle members: those that are idle longer, and shorter.</summary>
    public Member? IdleLonger { get; set; }

    public Member? IdleShorter { get; set; }
}
