namespace Rubato.Serving.Fairness.Shares;

/// <summary>A client: its weight, its users, and what is known of its outputs.</summary>
internal sealed class ClientShare : Share
{
    // A user that is forgotten may gain on other users of the same client only.
    private const int IdleUsersMax = 64;

    public ClientShare(string name, long registered, double weight) : base(name, registered)
    {
        Weight = weight;
        Users = new(IdleUsersMax, (user, number) => new(this, user, number));
    }

    public double Weight { get; }

    public SharingLevel<UserShare> Users { get; }

    public RecentLengths Outputs { get; } = new();

    /// <summary>Resident sequences of the selection under way that were not offered yet: so many places are the client's own.</summary>
    public int Residents { get; set; }

    public override bool IsEntitled => Residents > 0;
}
