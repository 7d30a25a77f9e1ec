namespace Rubato.Hosting.Tests.Testing;

/// <summary>The limit on every wait of a test: long enough that only a defect reaches it.</summary>
internal static class Wait
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static Task<T> AtMost<T>(Task<T> task) => task.WaitAsync(Limit);

    public static Task AtMost(Task task) => task.WaitAsync(Limit);
}
