namespace Rubato.Serving.Memory.Arenas;

/// <summary>Values by number, with numbers used again: allocates only when more are in use than ever before. Number 0 is never given.</summary>
internal sealed class SlotArray<T>
    where T : struct
{
    private T[] _values = new T[16];
    private readonly Stack<int> _returned = new();
    private int _made;

    public ref T this[int number] => ref _values[number];

    /// <summary>A number with no particular value. References into the array are not valid afterwards.</summary>
    public int Take()
    {
        if (_returned.TryPop(out var number))
        {
            return number;
        }

        if (++_made == _values.Length)
        {
            Array.Resize(ref _values, 2 * _made);
        }

        return _made;
    }

    public void Return(int number) => _returned.Push(number);
}
