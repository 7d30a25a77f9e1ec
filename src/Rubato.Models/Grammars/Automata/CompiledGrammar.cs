namespace Rubato.Models.Grammars.Automata;

/// <summary>A grammar as a graph of nodes. Immutable, safe to share.</summary>
/// <param name="Nodes">All nodes.</param>
/// <param name="Start">Where texts begin.</param>
/// <param name="ByteClasses">For each byte its class: the grammar treats the bytes of a class alike.</param>
/// <param name="ByteClassCount">How many classes there are.</param>
/// <param name="MarkerStarts">The bytes that markers in free text begin with.</param>
internal sealed record CompiledGrammar(GrammarNode[] Nodes, int Start, byte[] ByteClasses, int ByteClassCount, byte[] MarkerStarts);
