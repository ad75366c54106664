//! Polynomials as coefficients of rising power: value, derivative, product, real roots.

/// Value at `u`.
pub(crate) fn horner(coefficients: &[f64], u: f64) -> f64 {
    let mut value = 0.0;
    for coefficient in coefficients.iter().rev() {
        value = value * u + coefficient;
    }
    value
}

pub(crate) fn derivative(coefficients: &[f64]) -> Vec<f64> {
    let mut power = 0.0;
    let rest = coefficients.iter().skip(1);
    rest.map(|coefficient| {
        power += 1.0;
        power * coefficient
    })
    .collect()
}

pub(crate) fn product(a: &[f64], b: &[f64]) -> Vec<f64> {
    let mut product = vec![0.0; (a.len() + b.len()).saturating_sub(1)];
    for (i, a) in a.iter().enumerate() {
        for (sum, b) in product.iter_mut().skip(i).zip(b) {
            *sum += a * b;
        }
    }
    product
}

/// `a − b`.
pub(crate) fn difference(a: &[f64], b: &[f64]) -> Vec<f64> {
    let mut difference = a.to_vec();
    difference.resize(a.len().max(b.len()), 0.0);
    for (a, b) in difference.iter_mut().zip(b) {
        *a -= b;
    }
    difference
}

/// The coefficients of q with `q(v) = p(offset + scale·v)`.
pub(crate) fn substitute(p: &[f64], offset: f64, scale: f64) -> Vec<f64> {
    let mut result: Vec<f64> = Vec::new();
    for coefficient in p.iter().rev() {
        result = product(&result, &[offset, scale]);
        result = difference(&result, &[-coefficient]);
    }
    result
}

/// Roots in an interval, rising. Between the roots of its derivative a polynomial is
/// monotone, so none can be missed, however close together; where it comes within `slack`
/// of zero at an extremum or an end, it touches and that place is the root.
pub(crate) fn roots_between(coefficients: &[f64], low: f64, high: f64, slack: f64) -> Vec<f64> {
    let mut roots: Vec<f64> = Vec::new();
    if coefficients.len() < 2 {
        return roots;
    }
    let mut nodes = vec![low];
    nodes.extend(roots_between(&derivative(coefficients), low, high, 0.0));
    nodes.push(high);
    let mut before: Option<(f64, f64)> = None;
    for node in nodes {
        let value = horner(coefficients, node);
        if value.abs() <= slack {
            if roots.last() != Some(&node) {
                roots.push(node);
            }
            before = None;
            continue;
        }
        if let Some((left, left_value)) = before
            && (left_value > 0.0) != (value > 0.0)
        {
            roots.push(bisect(coefficients, left, node, value > 0.0));
        }
        before = Some((node, value));
    }
    roots
}

/// The sign change in an interval at whose right end the polynomial is positive or not, to
/// the last bit: an interval of f64 has no more than about 2100 halvings, one near unity 64.
fn bisect(coefficients: &[f64], mut left: f64, mut right: f64, rising: bool) -> f64 {
    for _ in 0..2200 {
        let middle = 0.5 * left + 0.5 * right;
        if middle <= left || middle >= right {
            break;
        }
        if (horner(coefficients, middle) > 0.0) == rising {
            right = middle;
        } else {
            left = middle;
        }
    }
    if horner(coefficients, left).abs() <= horner(coefficients, right).abs() {
        left
    } else {
        right
    }
}
