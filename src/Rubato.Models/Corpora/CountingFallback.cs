using System.Text;

namespace Rubato.Models.Corpora;

/// <summary>Replaces invalid byte sequences by U+FFFD and counts them.</summary>
internal sealed class CountingFallback : DecoderFallback
{
    public long Count { get; private set; }

    public override int MaxCharCount => 1;

    public override DecoderFallbackBuffer CreateFallbackBuffer() => new Buffer(this);

    private sealed class Buffer(CountingFallback owner) : DecoderFallbackBuffer
    {
        private bool _pending;

        public override int Remaining => _pending ? 1 : 0;

        public override bool Fallback(byte[] bytesUnknown, int index)
        {
            owner.Count++;
            _pending = true;
            return true;
        }

        public override char GetNextChar()
        {
            var result = _pending ? '\uFFFD' : '\0';
            _pending = false;
            return result;
        }

        public override bool MovePrevious() => false;
    }
}
