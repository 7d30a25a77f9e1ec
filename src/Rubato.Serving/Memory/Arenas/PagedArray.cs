namespace Rubato.Serving.Memory.Arenas;

/// <summary>An array whose memory is taken page by page when it is first touched: an arena that is hardly used costs hardly anything.</summary>
internal sealed class PagedArray<T>(int length)
    where T : struct
{
    private const int PageShift = 10;
    private const int InPage = (1 << PageShift) - 1;
    private readonly T[]?[] _pages = new T[((length - 1) >> PageShift) + 1][];

    public int Length => length;

    public ref T this[int index] => ref (_pages[index >> PageShift] ??= new T[Math.Min(1 << PageShift, length)])[index & InPage];
}
