namespace OpsConsole.Core.Reliability;

/// <summary>
/// How far two judges agree beyond chance, from their confusion matrix (Cohen 1960; numbers.md, 'shadow agreement'). Raw agreement alone deceives, so everything is shown together.
/// Every figure is null where it is undefined: all of them without a case; kappa, its error and its interval where chance alone would agree always (pe = 1: all cases in one cell of the diagonal).
/// </summary>
/// <param name="Matrix">Counts: a row per answer of the first judge, a column per answer of the second, in the same order.</param>
/// <param name="N">The cases.</param>
/// <param name="Observed">po, the share in which both agree.</param>
/// <param name="Expected">pe, the share in which they would by chance.</param>
/// <param name="Kappa">(po − pe)/(1 − pe), from −1 to 1.</param>
/// <param name="TwiceObservedLessOne">2po − 1, what kappa would be with two answers given equally often (Byrt et al. 1993).</param>
/// <param name="StandardError">Approximately √(po(1 − po)/n)/(1 − pe).</param>
/// <param name="Interval">Kappa ± z · standard error, inside −1 to 1. Null, too, where all agree or none does: the approximation gives it no width there, which would be certainty out of however few cases.</param>
public sealed record Agreement(IReadOnlyList<IReadOnlyList<long>> Matrix, long N, double? Observed, double? Expected, double? Kappa, double? TwiceObservedLessOne, double? StandardError, Interval? Interval)
{
    /// <summary>Everything about a confusion matrix.</summary>
    /// <param name="matrix">Square, of any size from 1; no count is negative.</param>
    /// <param name="z">The normal quantile of the interval, from 0 to 40.</param>
    /// <exception cref="ArgumentException">The matrix is empty, not square, or has a negative count; or z is none.</exception>
    public static Agreement Of(IReadOnlyList<IReadOnlyList<long>> matrix, double z = Proportion.Z95)
    {
        var (size, quantile) = (matrix.Count, Proportion.Sound(z));
        if (size == 0) throw new ArgumentException("A confusion matrix has at least one row.", nameof(matrix));
        for (var i = 0; i < size; i++)
        {
            if (matrix[i].Count != size) throw new ArgumentException($"A confusion matrix is square: row {i + 1} has {matrix[i].Count} counts, and there are {size} rows.", nameof(matrix));
            if (matrix[i].Any(count => count < 0)) throw new ArgumentException($"A confusion matrix has no negative counts: row {i + 1} has one.", nameof(matrix));
        }
        var n = matrix.Sum(row => row.Sum());
        if (n == 0) return new(matrix, 0, null, null, null, null, null, null);
        // In whole numbers, so that neither the order of the answers nor which judge comes first moves the last digit.
        Int128 agreed = Enumerable.Range(0, size).Sum(i => matrix[i][i]), all = (Int128)n * n, chance = 0;
        for (var i = 0; i < size; i++) chance += (Int128)matrix[i].Sum() * matrix.Sum(row => row[i]);
        var (po, pe) = ((double)agreed / n, (double)chance / (double)all);
        if (chance == all) return new(matrix, n, po, pe, null, 2 * po - 1, null, null);
        var kappa = (double)(agreed * n - chance) / (double)(all - chance);
        var error = Math.Sqrt(po * (1 - po) / n) / ((double)(all - chance) / (double)all);
        return new(matrix, n, po, pe, kappa, 2 * po - 1, error, agreed == 0 || agreed == n ? null : new(Math.Max(-1, kappa - quantile * error), Math.Min(1, kappa + quantile * error)));
    }
}
