namespace Rubato.LearningRates.Comparison;

/// <summary>Schedules by their mean rank over cells, one cell a task at a budget.</summary>
/// <param name="Group">Whose cells: a <see cref="TaskDescription.Group"/>, or <c>all</c>.</param>
/// <param name="LowCells">Cells at budgets below 25 %.</param>
/// <param name="HighCells">Cells at budgets from 25 % on.</param>
/// <param name="LeftOut">Cells left out because the best loss in them is 0 to rounding.</param>
/// <param name="Rows">The schedules that took part in every one of these cells, best mean rank first.</param>
public sealed record RankingTable(string Group, int LowCells, int HighCells, int LeftOut, IReadOnlyList<RankingRow> Rows);

/// <summary>One schedule in a <see cref="RankingTable"/>.</summary>
/// <param name="Schedule">Its name.</param>
/// <param name="Low">At budgets below 25 %; null without such cells.</param>
/// <param name="High">At budgets from 25 % on; null without such cells.</param>
/// <param name="All">Over all cells.</param>
/// <param name="DivergedRuns">Runs that diverged, at all rates and seeds of the cells that count.</param>
/// <param name="Runs">All runs of those cells.</param>
public sealed record RankingRow(string Schedule, RankStatistics? Low, RankStatistics? High, RankStatistics All, int DivergedRuns, int Runs);

/// <summary>Ranks of a schedule over some cells.</summary>
/// <param name="MeanRank">Mean rank, 1 the best.</param>
/// <param name="Top1">Share of cells in which no other was strictly better.</param>
/// <param name="Top3">Share of cells in which at most two others were strictly better.</param>
/// <param name="MedianExcess">Median over the cells of loss / lowest loss − 1: ranks do not tell how far apart the schedules are, this does.</param>
/// <param name="Cells">How many cells.</param>
public sealed record RankStatistics(double MeanRank, double Top1, double Top3, double MedianExcess, int Cells);
