namespace Rubato.Inference.Packing;

/// <summary>
/// The right to make one packed file: one process at a time has it, the others wait. It is a lock on a file beside the packed one, which
/// the system gives back when its holder ends, however it ends.
/// </summary>
internal sealed class PackingClaim : IDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    private readonly FileStream? _lock;

    private PackingClaim(FileStream? claimed) => _lock = claimed;

    /// <summary>Claims the file, waiting while another process has it.</summary>
    /// <param name="path">The packed file.</param>
    /// <param name="waits">Told once when another process has the claim.</param>
    /// <returns>The claim. Where locks cannot be had (a folder that is read only) it claims nothing, and processes do their work twice at worst.</returns>
    public static PackingClaim Take(string path, Action waits)
    {
        var lockPath = path + ".lock";
        using var pause = new ManualResetEventSlim();
        for (var told = false; ; told = true)
        {
            try
            {
                var claimed = new FileStream(lockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
                if (File.Exists(lockPath))
                {
                    return new(claimed);
                }

                claimed.Dispose(); // Its last holder removed it between the opening and the locking.
            }
            catch (UnauthorizedAccessException)
            {
                return new(null);
            }
            catch (IOException)
            {
                if (!File.Exists(lockPath))
                {
                    return new(null);
                }

                if (!told)
                {
                    waits();
                }

                pause.Wait(LookEvery);
            }
        }
    }

    /// <summary>Gives the claim back.</summary>
    public void Dispose()
    {
        if (_lock is null)
        {
            return;
        }

        try
        {
            File.Delete(_lock.Name); // While the lock is held: who opened it before looks again whether it is there.
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // An empty file stays; the next claim takes it.
        }

        _lock.Dispose();
    }
}
