namespace Rubato.Serving.Memory;

/// <summary>The state of one device block; made when it is first used.</summary>
internal sealed class DeviceSlot
{
    public DeviceSlot(int id)
    {
        Id = id;
        Place = new(this);
    }

    public int Id { get; }

    /// <summary>Block tables that list it.</summary>
    public int Holders { get; set; }

    /// <summary>What it contains, when that may not change; null for a block that is written or empty.</summary>
    public KvNode? Content { get; set; }

    /// <summary>The transfer that reads it; 0 for none.</summary>
    public long OutTicket { get; set; }

    /// <summary>The transfer that writes it; 0 for none.</summary>
    public long InTicket { get; set; }

    /// <summary>The last step that counted it.</summary>
    public long CountedIn { get; set; } = -1;

    /// <summary>Its place among what nobody holds.</summary>
    public LinkedListNode<DeviceSlot> Place { get; }

    /// <summary>Which list that is.</summary>
    public UnheldState State { get; set; }
}

/// <summary>Where a device block is that has no holder.</summary>
internal enum UnheldState
{
    /// <summary>It has holders, or the allocator has it.</summary>
    None,

    /// <summary>Its content can be found, and its memory taken.</summary>
    Cached,

    /// <summary>Its content can be found and is being copied out; its memory is taken only when there is no other.</summary>
    Leaving,

    /// <summary>A transfer writes it: nobody may take it.</summary>
    Filling,
}
